package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How often a training reads its table: a view is computed as often. */
@ExtendWith(LocalSpark.class)
class TableReadsTest {

  private static final long ROWS = 3_000;

  @TempDir static Path folder;

  private final SparkSession spark;

  TableReadsTest(SparkSession spark) {
    this.spark = spark;
  }

  /** The rows that stages read from files, which are those of the table. */
  private static final class Reads extends SparkListener {
    private final AtomicLong rows = new AtomicLong();

    @Override
    public void onStageCompleted(SparkListenerStageCompleted stage) {
      if (stage.stageInfo().rddInfos().exists(rdd -> rdd.name().contains("FileScanRDD"))) {
        rows.addAndGet(stage.stageInfo().taskMetrics().inputMetrics().recordsRead());
      }
    }
  }

  private double readsOf(String name, String sql, String... settings) throws Exception {
    String table = folder.resolve(name).toString();
    spark.sql(sql.formatted(ROWS)).write().parquet(table);
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + table,
                    "flow.couplings=2",
                    "flow.hidden=[8]",
                    "flow.epochs=2"),
                Stream.of(settings))
            .toList();
    Reads reads = new Reads();
    spark.sparkContext().addSparkListener(reads);
    try {
      new TrainFlow()
          .run(
              spark,
              Settings.load(null, sets, Map.of("run", folder.resolve("run-" + name).toString())));
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(reads);
    }
    return reads.rows.get() / (double) ROWS;
  }

  /** Of columns of numbers, categories and truths, with missing values and classes. */
  private static final String COLUMNS =
      "select if(id %% 7 = 0, null, cast(id %% 50 as double)) price, randn(1) amount,"
          + " array('at', 'de', 'fr')[id %% 3] country, id %% 4 = 0 paid,"
          + " if(id %% 5 = 0, 'b', 'a') kind, 1 + rand(3) w"
          + " from range(0, %s, 1, 1)";

  private static final String[] FEATURES = {
    "table.features-cols=price,amount,country,paid", "table.impute=true"
  };

  private static String[] with(String... more) {
    return Stream.concat(Stream.of(FEATURES), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void ofColumnsWithCategoriesAndMissingValues() throws Exception {
    assertThat(readsOf("columns", COLUMNS, FEATURES)).isLessThanOrEqualTo(4);
  }

  @Test
  void ofColumnsWithNamedClasses() throws Exception {
    assertThat(readsOf("classes", COLUMNS, with("table.label-col=kind"))).isLessThanOrEqualTo(4);
  }

  @Test
  void ofColumnsWithWeights() throws Exception {
    assertThat(readsOf("weights", COLUMNS, with("table.weight-col=w"))).isLessThanOrEqualTo(4);
  }

  @Test
  void ofVectors() throws Exception {
    assertThat(
            readsOf(
                "vectors",
                "select array(randn(1), randn(2), randn(3)) v, id %% 3 label from range(0, %s, 1, 1)",
                "table.features-col=v"))
        .isLessThanOrEqualTo(3);
  }
}
