package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A flow of {@link Orders}: rare kinds are learnt, and odd rows are strange. */
@ExtendWith(LocalSpark.class)
class OrdersTest {

  @TempDir static Path folder;

  private static Manifest flow;
  private static Dataset<Row> scores;

  @BeforeAll
  static void train(SparkSession spark) throws IOException {
    String table = folder.resolve("orders").toString();
    Orders.table(spark, 6_000, 1).write().parquet(table);
    Config config =
        Settings.load(
            null,
            List.of(
                "paths.embeddings=" + table,
                "table.features-cols=" + Orders.FEATURES,
                "flow.epochs=8",
                "flow.couplings=5",
                "flow.hidden=[64]"),
            Map.of("run", folder.resolve("run").toString()));
    flow = new TrainFlow().run(spark, config).manifest();
    new Score().run(spark, config);
    scores = spark.read().parquet(folder.resolve("run/scores").toString());
  }

  /** A training that cut kinds of rows had +170 nats here, and more with each epoch. */
  @Test
  void theValidationLossFalls() {
    List<Double> losses = flow.history().stream().map(EpochStats::validationLoss).toList();
    double lowest = losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    assertThat(lowest).isNegative();
    assertThat(losses.get(losses.size() - 1)).isLessThan(lowest + 2);
  }

  /** All rows of "car part", and of "fragile", were. */
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
