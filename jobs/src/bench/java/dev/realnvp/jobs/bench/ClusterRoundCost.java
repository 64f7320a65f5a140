package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Path;

/** {@link RoundCost} with two executor processes of a core each. */
record ClusterRoundCost() implements Measure {

  static final String MASTER = "local-cluster[2,1,2048]";
  private static final int WORKERS = 2;

  @Override
  public String name() {
    return "flow-round-cluster";
  }

  @Override
  public String unit() {
    return "ms";
  }

  @Override
  public Goal goal() {
    return Goal.valueAtMost(150);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    Workload workload = bench.workload();
    String model = bench.place("model-flow-cluster");
    Config settings =
        bench.settings(
            "paths.embeddings",
            bench.embeddings(),
            "paths.flow",
            model,
            "flow.epochs",
            workload.warmEpochs() + workload.epochs(),
            "flow.averaging-interval",
            RoundCost.INTERVAL);
    bench.script("train-flow.sh", MASTER, settings);
    return Reading.middle(
        History.after(workload.warmEpochs(), Workbench.manifest(Path.of(model)))
            .millisecondsARound(WORKERS, bench.setting("flow.batch"), RoundCost.INTERVAL));
  }
}
