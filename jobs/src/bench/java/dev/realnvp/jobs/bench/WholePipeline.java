package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Seconds of {@code submit/pipeline.sh} with the data on the disk and the project built, the
 * classifier's training taken off. The peer: as many epochs of both models, and the extraction.
 */
record WholePipeline() implements Measure {

  static final String CLASSIFIER = "train-classifier";

  @Override
  public String name() {
    return "pipeline";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(1);
  }

  @Override
  public Map<String, Integer> peer(Config settings) {
    return Map.of(
        "ae_epoch_s",
        settings.getInt("autoencoder.epochs"),
        "flow_epoch_s",
        settings.getInt("flow.epochs"),
        "extract_70k_s",
        1);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    Workbench.PipelineRun run = bench.pipeline();
    double seconds = run.seconds() - run.stages().get(CLASSIFIER);
    return Reading.of(List.of(seconds), seconds).with(run.stages());
  }
}
