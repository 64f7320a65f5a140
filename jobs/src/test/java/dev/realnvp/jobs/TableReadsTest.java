package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a training reads its table: a view is computed as often. */
class TableReadsTest {

  private static final long ROWS = 3_000;

  @TempDir private Path folder;

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

  /** Of vectors; of columns of numbers, categories and truths, with missing values. */
  @ParameterizedTest
  @CsvSource({
    "3, table.features-col=v",
    "4, 'table.features-cols=price,amount,country,paid;table.impute=true;table.no-label=true;table.weight-col=w'",
    "4, 'table.features-cols=price,amount,country,paid;table.impute=true;table.label-col=kind'",
  })
  void fewTimesWhateverItHas(int most, String sets) throws Exception {
    Runs runs = Runs.in(folder).with(sets.split(";"));
    String table =
        runs.write(
            "table",
            "select array(randn(1), randn(2), randn(3)) v, id %% 3 label,"
                + " if(id %% 7 = 0, null, cast(id %% 50 as double)) price, randn(1) amount,"
                + " array('at', 'de', 'fr')[id %% 3] country, id %% 4 = 0 paid,"
                + " if(id %% 5 = 0, 'b', 'a') kind, 1 + rand(3) w from range(0, %s, 1, 1)",
            ROWS);
    Reads reads = new Reads();
    runs.spark().sparkContext().addSparkListener(reads);
    try {
      runs.train("run", table);
      runs.spark().sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      runs.spark().sparkContext().removeSparkListener(reads);
    }
    assertThat(reads.rows.get()).isPositive().isLessThanOrEqualTo(most * ROWS);
  }
}
