package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** Runs the stages of a pipeline that have to be run, and says which it skips, and why. */
final class StageRunner {

  private final SparkSession spark;
  private final Config config;
  private final StagePlan plan;
  private final StageClock clock = new StageClock();

  /**
   * Looks at every output.
   *
   * @param source the fingerprint of the image files
   * @param against the fingerprint of the images to compare with; null without any
   * @throws InvalidInputException if one is to be replaced, and may not be
   */
  StageRunner(SparkSession spark, Config config, String source, String against) throws IOException {
    this.spark = spark;
    this.config = config;
    Map<RunStage, StageOutput> outputs = new EnumMap<>(RunStage.class);
    for (RunStage stage : RunStage.values()) {
      outputs.put(stage, StageOutput.read(spark, config, stage));
    }
    this.plan = new StagePlan(config, source, against, outputs);
    plan.requireReplaceable();
  }

  /** Runs a stage, unless its output is what it would make. */
  void run(RunStage stage, StageClock.Work job) throws IOException {
    StagePlan.Decision decision = plan.decide(stage);
    switch (decision.action()) {
      case SKIP -> {
        Console.stage(
            "%s: skipped, %s is of the same settings and inputs",
            stage.job(), config.getString(stage.path()));
        return;
      }
      case REPLACE -> Console.stage("%s: again, since %s", stage.job(), decision.reason());
      case RUN -> {}
    }
    clock.time(stage.job(), job);
    plan.made(stage, Inputs.manifest(spark, config, stage).orElseThrow());
  }

  /** How long the stages took that were run. */
  StageClock clock() {
    return clock;
  }
}
