package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of correlated features, in each of which one feature is replaced by that of another row: the
 * first feature of an anomaly's explanation should be that one.
 */
@ExtendWith(LocalSpark.class)
class PlantedColumnTest {

  private static final int TEST_ROWS = 1000;
  private static final int MOST_ROWS = 1_000_000;
  private static final int EXPLAINED = 200;
  private static final int EXPECTED = 190;

  private final SparkSession spark;

  @TempDir Path folder;

  PlantedColumnTest(SparkSession spark) {
    this.spark = spark;
  }

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

  private String write(String name, long from, long to, MapFunction<Long, Row> row) {
    String path = folder.resolve(name).toString();
    spark
        .range(from, to, 1, 2)
        .as(Encoders.LONG())
        .map(row, Encoders.row(Embeddings.SCHEMA))
        .write()
        .parquet(path);
    return path;
  }

  /**
   * Enough of the planted rows are anomalies, and the planted feature is nearly always the first
   * one.
   */
  private void findsThePlanted(int features, int rows, int plantedRows, String... more)
      throws IOException {
    Factors table = new Factors(features);
    String train =
        write(
            "table",
            0,
            TEST_ROWS + rows,
            id ->
                RowFactory.create(
                    id, id < TEST_ROWS ? Split.TEST : Split.TRAIN, null, table.draw(id)));
    long first = TEST_ROWS + rows;
    String planted =
        write(
            "planted",
            first,
            first + plantedRows,
            id -> RowFactory.create(id, Split.TEST, null, table.planted(id)));
    Map<String, Object> run = Map.of("run", folder.toString());
    List<String> sets = new ArrayList<>(List.of(more));
    sets.add("paths.embeddings=" + train);
    new TrainFlow().run(spark, Settings.load(null, sets, run));
    Config score =
        Settings.load(null, List.of("paths.embeddings=" + planted, "score.explain=1"), run);
    new Score().run(spark, score);
    List<Row> explained =
        spark
            .read()
            .parquet(folder.resolve("scores").toString())
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

  @Test
  @Tag("nightly")
  void of64Features() throws IOException {
    findsThePlanted(64, 20_000, 1_000, "flow.epochs=10", "flow.hidden=[64, 64]");
  }

  /** The training's noise is wider than what a feature has of its own, so fewer rows are found. */
  @Test
  @Tag("nightly")
  void of384Features() throws IOException {
    findsThePlanted(
        384, 20_000, 2_000, "flow.epochs=12", "flow.hidden=[128, 128]", "flow.couplings=6");
  }

  @Test
  @Tag("nightly")
  void of384FeaturesWithoutNoise() throws IOException {
    findsThePlanted(
        384,
        20_000,
        1_000,
        "flow.epochs=12",
        "flow.hidden=[128, 128]",
        "flow.couplings=6",
        "flow.noise=0");
  }
}
