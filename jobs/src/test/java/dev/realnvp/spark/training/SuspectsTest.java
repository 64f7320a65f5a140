package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.Moments;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.training.rows.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.Test;

/** Normal rows of four features, a cluster of anomalies, a flag, and a class of its own. */
class SuspectsTest {

  private static final int ROWS = 4_000;

  private final SparkSession spark = LocalSpark.session();

  private JavaRDD<Shard> shards(List<float[]> rows) {
    List<Row> table = new ArrayList<>();
    rows.forEach(row -> table.add(RowFactory.create((long) table.size(), "train", null, row)));
    JavaRDD<Shard> shards =
        Shards.embeddings(
                spark.createDataFrame(table, Embeddings.SCHEMA),
                Map.of("train", (long) rows.size()),
                rows.get(0).length,
                0,
                0,
                2,
                16)
            .get("train");
    return shards.persist(StorageLevel.MEMORY_AND_DISK());
  }

  private Suspects find(List<float[]> rows) {
    int features = rows.get(0).length;
    Moments moments = new Moments(features);
    rows.forEach(row -> moments.add(row, 1));
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(features, 0, 5, List.of(64))
                .linear(LinearMap.LU)
                .batchNorm(false)
                .seed(1)
                .build(),
            FeatureScaling.of(moments),
            FeatureScaling.noise(moments, 0.05),
            new Optimizer(5e-3, Schedule.CONSTANT, 1, 0));
    TrainingSettings settings = new TrainingSettings(40, 50, 10, 1, Master.AVERAGING, 0);
    return Suspects.find(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        flow.network(),
        settings,
        shards(rows),
        features);
  }

  /** Rows around 0; one of so many at 12. */
  private static List<float[]> rows(int oddEvery) {
    SplittableRandom random = new SplittableRandom(7);
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      float[] row = new float[4];
      double at = oddEvery > 0 && i % oddEvery == 0 ? 12 : 0;
      for (int j = 0; j < 4; j++) {
        row[j] = (float) (at * (j % 2) + random.nextGaussian());
      }
      rows.add(row);
    }
    return rows;
  }

  /** With a fifth feature, which is 1 for one of so many rows. */
  private static List<float[]> flagged(List<float[]> rows, int every) {
    List<float[]> flagged = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      float[] row = java.util.Arrays.copyOf(rows.get(i), 5);
      row[4] = i % every == 0 ? 1 : 0;
      flagged.add(row);
    }
    return flagged;
  }

  @Test
  void aClusterFarOutIsSuspect() {
    Suspects found = find(rows(50));
    assertThat(found.rows()).isBetween(80L, 400L);
    assertThat(found.shifts().get(0).feature() % 2).isEqualTo(1);
  }

  @Test
  void noMoreThanATenthIs() {
    assertThat(find(rows(4)).share()).isLessThanOrEqualTo(0.1);
  }

  @Test
  void aValueOfADiscreteFeatureIsNotSuspectForBeingRare() {
    List<float[]> rows = flagged(rows(0), 50);
    Suspects found = find(rows);
    assertThat(found == null || found.rows() < 0.02 * ROWS).isTrue();
    if (found != null) {
      long flagged = rows.stream().filter(row -> row[4] == 1).count();
      assertThat(found.rows()).isLessThan(ROWS / 50 + flagged / 50);
    }
  }
}
