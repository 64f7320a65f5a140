package dev.realnvp.jobs.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Seconds of {@link WholePipeline} that are not the models' work: its wall time less the epochs of
 * both trainings and less the stages that extract, score, sample and evaluate. What stays is the
 * start of the JVM and of Spark, the ingest, reading and dealing the rows, the validation after
 * each epoch, writing the models.
 */
record PipelineOverhead() implements Measure {

  private static final List<String> WORK =
      List.of("extract-embeddings", "score", "sample", "evaluate");

  @Override
  public String name() {
    return "overhead";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.valueAtMost(25);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    Workbench.PipelineRun run = bench.pipeline();
    double work = WORK.stream().mapToDouble(run.stages()::get).sum();
    double seconds =
        run.seconds() - run.stages().get(WholePipeline.CLASSIFIER) - run.fitting() - work;
    return Reading.of(List.of(seconds), seconds).with(Map.of("epochs", run.fitting()));
  }
}
