package dev.realnvp.jobs;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Orders as people have them: categories, some of them rare, prices and weights with heavy tails,
 * counts, a discount that is mostly zero, a flag, a total that follows from the others. One of
 * fifty is odd: its price, weight or kind is that of another order, or its total is off by a
 * factor.
 */
final class Orders {

  static final String FEATURES =
      "kind,price,quantity,discount,weight,shipping,total,hour,country,member,fragile";

  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("kind", DataTypes.StringType)
          .add("price", DataTypes.DoubleType)
          .add("quantity", DataTypes.IntegerType)
          .add("discount", DataTypes.DoubleType)
          .add("weight", DataTypes.DoubleType)
          .add("shipping", DataTypes.DoubleType)
          .add("total", DataTypes.DoubleType)
          .add("hour", DataTypes.IntegerType)
          .add("country", DataTypes.StringType)
          .add("member", DataTypes.BooleanType)
          .add("fragile", DataTypes.BooleanType)
          .add("odd", DataTypes.BooleanType);

  private static final int ODD_EVERY = 50;
  private static final String[] KINDS = {
    "book", "shirt", "phone", "lamp", "toy", "food", "chair", "car part"
  };
  private static final double[] KIND_SHARES = {0.3, 0.22, 0.15, 0.11, 0.09, 0.07, 0.04, 0.02};

  /** Of the logarithms: price, weight. */
  private static final double[][] MEDIANS = {
    {2.7, -0.7},
    {3.2, -1.2},
    {6.0, -1.0},
    {3.7, 0.7},
    {3.0, -0.3},
    {2.2, 0.2},
    {4.5, 2.0},
    {5.0, 2.5}
  };

  private static final String[] COUNTRIES = {"DE", "FR", "IT", "ES", "NL", "AT", "IS"};
  private static final double[] COUNTRY_SHARES = {0.45, 0.2, 0.13, 0.1, 0.06, 0.04, 0.02};
  private static final double[] DISTANCES = {0, 0.6, 0.9, 1.2, 0.4, 0.5, 2.0};
  private static final double[] DISCOUNTS = {0.05, 0.1, 0.2, 0.3, 0.5};

  private Orders() {}

  static Dataset<Row> table(SparkSession spark, int rows, long seed) {
    return spark.createDataFrame(
        LongStream.range(0, rows).mapToObj(id -> row(id, seed)).toList(), SCHEMA);
  }

  private static Row row(long id, long seed) {
    SplittableRandom random = random(id, seed);
    double[] own = order(random);
    boolean odd = id % ODD_EVERY == ODD_EVERY - 1;
    if (odd) {
      double[] other = order(random);
      int sort = random.nextInt(4);
      if (sort == 3) {
        own[6] *= Math.exp((random.nextBoolean() ? 1 : -1) * random.nextDouble(0.7, 2.3));
      } else {
        int column = new int[] {0, 1, 4}[sort];
        own[column] = other[column];
      }
    }
    return RowFactory.create(
        id,
        KINDS[(int) own[0]],
        own[1],
        (int) own[2],
        own[3],
        own[4],
        own[5],
        own[6],
        (int) own[7],
        COUNTRIES[(int) own[8]],
        own[9] == 1,
        own[10] == 1,
        odd);
  }

  private static double[] order(SplittableRandom random) {
    int kind = draw(random, KIND_SHARES);
    int country = draw(random, COUNTRY_SHARES);
    boolean member = random.nextDouble() < 0.3;
    double price = Math.exp(MEDIANS[kind][0] + 0.5 * random.nextGaussian());
    int quantity = 1 + geometric(random, kind == 5 ? 0.3 : 0.7);
    double discount = random.nextDouble() < (member ? 0.5 : 0.2) ? DISCOUNTS[random.nextInt(5)] : 0;
    double weight = quantity * Math.exp(MEDIANS[kind][1] + 0.3 * random.nextGaussian());
    double shipping =
        (3 + DISTANCES[country] + 0.8 * weight) * Math.exp(0.1 * random.nextGaussian());
    double total =
        (price * quantity * (1 - discount) + shipping) * Math.exp(0.01 * random.nextGaussian());
    int hour = (int) Math.floorMod(Math.round(15 + 4 * random.nextGaussian()), 24L);
    boolean fragile = kind == 3 && random.nextDouble() < 0.18;
    return new double[] {
      kind,
      price,
      quantity,
      discount,
      weight,
      shipping,
      total,
      hour,
      country,
      member ? 1 : 0,
      fragile ? 1 : 0
    };
  }

  private static SplittableRandom random(long id, long seed) {
    return new SplittableRandom(new SplittableRandom(seed + id).nextLong());
  }

  private static int draw(SplittableRandom random, double[] shares) {
    double at = random.nextDouble();
    int k = 0;
    while (k < shares.length - 1 && at >= shares[k]) {
      at -= shares[k++];
    }
    return k;
  }

  private static int geometric(SplittableRandom random, double stop) {
    int count = 0;
    while (count < 9 && random.nextDouble() >= stop) {
      count++;
    }
    return count;
  }
}
