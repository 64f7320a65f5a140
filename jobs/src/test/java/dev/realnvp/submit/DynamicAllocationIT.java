package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that gives executors only to those who ask, and starts with none. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class DynamicAllocationIT {

  @TempDir private Path temp;

  private ScriptRun run(String script, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Checkout.original().resolve("submit").resolve(script).toString());
    command.addAll(List.of("--master", "local-cluster[2, 1, 1024]"));
    for (String setting :
        List.of(
            "spark.executor.memory=1g",
            "spark.executor.cores=1",
            "spark.scheduler.maxRegisteredResourcesWaitingTime=90s",
            "spark.dynamicAllocation.enabled=true",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "spark.dynamicAllocation.minExecutors=0")) {
      command.addAll(List.of("--conf", setting));
    }
    command.addAll(List.of(arguments));
    return ScriptRun.of(temp, Map.of(), command);
  }

  @Test
  void aTrainingAsksForAllThatItIsPromised(SparkSession spark) {
    SmallTable.write(spark, temp.resolve("table"));
    List<String> training = new ArrayList<>(List.of("--input", "table", "--run", "r"));
    training.addAll(List.of(SmallTable.SMALL_FLOW));
    ScriptRun run = run("train-flow.sh", training.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).anyMatch(line -> line.contains(" 2 workers"));
  }
}
