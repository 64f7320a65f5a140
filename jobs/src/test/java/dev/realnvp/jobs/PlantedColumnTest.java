package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of correlated features, in each of which one feature is replaced by that of another row: the
 * first feature of an anomaly's explanation should be that one.
 */
class PlantedColumnTest {

  private static final int TEST_ROWS = 1000;
  private static final int MOST_ROWS = 1_000_000;
  private static final int EXPLAINED = 200;
  private static final int EXPECTED = 190;

  @TempDir Path folder;

  /**
   * A normal distribution, {@code x_j = size_j (sum_i a_ij f_i + 0.2 e_j)}: features that hang
   * together by a few factors f, of sizes from 0.1 to 10.
   */
  private record Factors(int features) implements Serializable {

    private static final double NOISE = 0.2;

    float[] draw(long id) {
      int factors = Math.min(features / 5, 16);
      SplittableRandom loadings = new SplittableRandom(1);
      SplittableRandom random = new SplittableRandom(id);
      double[] f = new double[factors];
      Arrays.setAll(f, i -> random.nextGaussian());
      float[] row = new float[features];
      for (int j = 0; j < features; j++) {
        double sum = NOISE * random.nextGaussian();
        for (int i = 0; i < factors; i++) {
          sum += loadings.nextGaussian() / Math.sqrt(factors) * f[i];
        }
        row[j] = (float) (Math.pow(10, 2.0 * j / (features - 1) - 1) * sum);
      }
      return row;
    }

    /** The row with one feature of a row that is in no table. */
    float[] planted(long id) {
      float[] row = draw(id);
      row[feature(id)] = draw(id + MOST_ROWS)[feature(id)];
      return row;
    }

    int feature(long id) {
      return (int) (id % features);
    }
  }

  private static Dataset<Row> rows(long from, long to, MapFunction<Long, Row> row) {
    return LocalSpark.session()
        .range(from, to, 1, 2)
        .as(Encoders.LONG())
        .map(row, Encoders.row(Embeddings.SCHEMA));
  }

  /**
   * Enough of the planted rows are anomalies, and the planted feature is nearly always the first
   * one.
   */
  private void findsThePlanted(int features, int rows, int plantedRows, String... sets)
      throws IOException {
    Factors table = new Factors(features);
    long first = TEST_ROWS + rows;
    Runs runs = Runs.defaults(folder).with(sets);
    runs.train(
        "run",
        runs.write(
            "table",
            rows(
                0,
                first,
                id ->
                    RowFactory.create(
                        id, id < TEST_ROWS ? Split.TEST : Split.TRAIN, null, table.draw(id)))));
    runs.score(
        "run",
        runs.write(
            "planted",
            rows(
                first,
                first + plantedRows,
                id -> RowFactory.create(id, Split.TEST, null, table.planted(id)))),
        "score.explain=1");
    List<Row> explained =
        runs.scores("run")
            .where("explanation is not null")
            .orderBy("id")
            .limit(EXPLAINED)
            .selectExpr("id", "explanation[0].feature")
            .collectAsList();
    assertThat(explained).hasSize(EXPLAINED);
    assertThat(explained)
        .filteredOn(row -> row.getInt(1) == table.feature(row.getLong(0)))
        .hasSizeGreaterThanOrEqualTo(EXPECTED);
  }

  @Test
  void of10Features() throws IOException {
    findsThePlanted(
        10, 5_000, 1_000, "flow.epochs=8", "flow.hidden=[32]", "flow.couplings=4", "flow.batch=50");
  }
}
