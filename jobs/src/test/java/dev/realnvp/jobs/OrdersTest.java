package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A flow of orders as people have them: categories, some of them rare, prices and weights with
 * heavy tails, counts, a discount that is mostly zero, a rare flag, a total that follows from the
 * others.
 */
class OrdersTest {

  private static final String ORDERS =
      """
      select *, (price * quantity * (1 - discount) + shipping) * exp(0.01 * randn(1)) total from (
        select *, (3 + country_at / 4 + 0.8 * weight) * exp(0.1 * randn(2)) shipping,
          array('DE', 'FR', 'IT', 'ES', 'NL', 'AT', 'IS')[country_at] country,
          array('book', 'shirt', 'phone', 'lamp', 'toy', 'food', 'chair', 'car part')[at] kind from (
          select id, at, member,
            exp(array(2.7, 3.2, 6.0, 3.7, 3.0, 2.2, 4.5, 5.0)[at] + 0.5 * randn(3)) price,
            exp(array(-0.7, -1.2, -1.0, 0.7, -0.3, 0.2, 2.0, 2.5)[at] + 0.3 * randn(4)) weight,
            1 + int(-0.6 * ln(rand(5))) quantity,
            if(rand(6) < if(member, 0.5, 0.2), array(0.05, 0.1, 0.2, 0.3, 0.5)[int(5 * rand(7))], 0)
              discount,
            int(pmod(15 + 4 * randn(8), 24)) hour,
            size(filter(array(0.45, 0.65, 0.78, 0.88, 0.94, 0.98), s -> s < c)) country_at,
            at = 3 and rand(9) < 0.18 fragile from (
            select id, rand(10) < 0.3 member, rand(11) c,
              size(filter(array(0.3, 0.52, 0.67, 0.78, 0.87, 0.94, 0.98), s -> s < k)) at
            from (select id, rand(12) k from range(0, 6000, 1, 2)))))
      """;

  private static final String FEATURES =
      "kind,price,quantity,discount,weight,shipping,total,hour,country,member,fragile";

  @TempDir static Path folder;

  private static Manifest flow;
  private static Dataset<Row> scores;

  @BeforeAll
  static void train() throws IOException {
    Runs runs = Runs.in(folder, "flow.epochs=8", "flow.couplings=5", "flow.hidden=[64]");
    String table = runs.write("orders", ORDERS);
    flow = runs.train("run", table, "table.features-cols=" + FEATURES).manifest();
    runs.score("run", table);
    scores = runs.scores("run");
  }

  /** If kinds of rows were trimmed, it would be +170 nats here, and more with each epoch. */
  @Test
  void theValidationLossFalls() {
    List<Double> losses = flow.history().stream().map(EpochStats::validationLoss).toList();
    double lowest = losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    assertThat(lowest).isLessThan(20);
    assertThat(losses.get(losses.size() - 1)).isLessThan(lowest + 2);
  }

  /** As all rows of "car part", and of "fragile", would be. */
  @Test
  void noValueOfAColumnIsFarFromTheOthers() {
    double[] quartiles = scores.stat().approxQuantile("log_prob", new double[] {0.25, 0.75}, 0);
    double fence = quartiles[0] - 3 * (quartiles[1] - quartiles[0]);
    for (String column : List.of("kind", "country", "member", "fragile", "quantity", "discount")) {
      for (Row value :
          scores
              .groupBy(column)
              .agg(functions.count("*"), functions.expr("avg(int(log_prob < " + fence + "))"))
              .collectAsList()) {
        if (value.getLong(1) >= 60) {
          assertThat(value.getDouble(2)).as(column + " " + value).isLessThan(0.3);
        }
      }
    }
  }
}
