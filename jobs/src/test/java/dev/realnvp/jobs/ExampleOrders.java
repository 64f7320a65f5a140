package dev.realnvp.jobs;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Draws {@code examples/orders.csv}: orders of a shop that does not exist. In one of two hundred
 * one value is wrong: a price or a weight of another kind, or a total of a tenth or ten times.
 */
public final class ExampleOrders {

  static final int ROWS = 2000;

  private static final int WRONG = 200;

  /** What is sold, its usual price and its weight in kilograms. */
  private record Kind(String name, double price, double weight) {}

  private record Country(String code, double shipping) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("book", 18, 0.45),
          new Kind("toy", 24, 0.7),
          new Kind("wine", 11, 1.3),
          new Kind("shoes", 75, 1.1),
          new Kind("lamp", 48, 2.4),
          new Kind("phone", 520, 0.35),
          new Kind("chair", 130, 7.5),
          new Kind("bike", 780, 14));

  private static final List<Country> COUNTRIES =
      List.of(
          new Country("DE", 3.5),
          new Country("FR", 6),
          new Country("NL", 4.5),
          new Country("AT", 5),
          new Country("PL", 5.5),
          new Country("IT", 7));

  private ExampleOrders() {}

  /** The file: a line with the columns' names, and a line per order. */
  public static String csv() {
    SplittableRandom random = new SplittableRandom(32);
    StringBuilder csv =
        new StringBuilder(
            "id,kind,price,quantity,discount,weight,shipping,total,hour,country,member\n");
    for (int i = 1; i <= ROWS; i++) {
      csv.append(order(i, random)).append('\n');
    }
    return csv.toString();
  }

  private static String order(int number, SplittableRandom random) {
    int wrong = number % WRONG == WRONG / 2 ? 1 + random.nextInt(4) : 0;
    int place = rare(KINDS.size(), random);
    Kind kind = KINDS.get(place);
    Kind other = KINDS.get((place + KINDS.size() / 2) % KINDS.size());
    Country country = COUNTRIES.get(rare(COUNTRIES.size(), random));
    boolean member = random.nextDouble() < 0.35;
    double price = cents((wrong == 1 ? other : kind).price * StrictMath.exp(0.3 * normal(random)));
    int quantity = 1;
    while (quantity < 12 && random.nextDouble() < (kind.price > 100 ? 0.05 : 0.35)) {
      quantity++;
    }
    double discount = random.nextDouble() < 0.7 ? 0 : 0.05 * (1 + rare(member ? 8 : 4, random));
    double weight =
        (wrong == 2 ? other : kind).weight * quantity * StrictMath.exp(0.1 * normal(random));
    double shipping = (country.shipping + 0.6 * weight) * StrictMath.exp(0.04 * normal(random));
    double total = cents(price * quantity * (1 - discount) + cents(shipping));
    double hour = (random.nextDouble() < 0.4 ? 12.5 : 20) + 2.2 * normal(random);
    return String.format(
        Locale.ROOT,
        "o-%04d,%s,%.2f,%d,%.2f,%.2f,%.2f,%.2f,%d,%s,%s",
        number,
        kind.name,
        price,
        quantity,
        discount,
        weight,
        shipping,
        wrong < 3 ? total : wrong == 3 ? total / 10 : total * 10,
        Math.floorMod(Math.round(hour), 24),
        country.code,
        member);
  }

  /** One of n places, the later the rarer. */
  private static int rare(int n, SplittableRandom random) {
    return Math.min((int) (n * random.nextDouble() * random.nextDouble() * 1.6), n - 1);
  }

  private static double cents(double amount) {
    return Math.round(100 * amount) / 100.0;
  }

  private static double normal(SplittableRandom random) {
    return StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()))
        * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }
}
