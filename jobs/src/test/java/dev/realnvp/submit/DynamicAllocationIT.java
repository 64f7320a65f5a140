package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that gives executors only to those who ask, and starts with none. */
@Tag("nightly")
class DynamicAllocationIT {

  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path temp;

  @Test
  void aTrainingAsksForAllThatItIsPromised() {
    SmallTable.write(spark, temp.resolve("table"));
    ScriptRun run =
        ScriptRun.job(
            temp,
            "train-flow.sh",
            List.of("--master", "local-cluster[2, 1, 1024]", "--input", "table", "--run", "r"),
            ScriptRun.each(
                "--conf",
                "spark.executor.memory=1g",
                "spark.executor.cores=1",
                "spark.scheduler.maxRegisteredResourcesWaitingTime=90s",
                "spark.dynamicAllocation.enabled=true",
                "spark.dynamicAllocation.shuffleTracking.enabled=true",
                "spark.dynamicAllocation.minExecutors=0"),
            SmallTable.SMALL_FLOW);
    assertThat(run.done().out()).anyMatch(line -> line.contains(" 2 workers"));
  }
}
