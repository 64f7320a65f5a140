package dev.realnvp.jobs.bench;

import dev.realnvp.model.Manifest;
import java.io.IOException;

/**
 * Milliseconds of a round of the flow's training beyond its work, in this session, with a round
 * every few minibatches: after hundreds of them the JVM is warm.
 */
record RoundCost() implements Measure {

  /** Minibatches a round. */
  static final int INTERVAL = 5;

  @Override
  public String name() {
    return "flow-round";
  }

  @Override
  public String unit() {
    return "ms";
  }

  @Override
  public Goal goal() {
    return Goal.valueAtMost(60);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    Workload workload = bench.workload();
    Manifest trained =
        bench.train(
            "flow",
            "flow-rounds",
            workload.warmEpochs() + workload.epochs(),
            "flow.averaging-interval",
            INTERVAL);
    return Reading.middle(
        History.after(workload.warmEpochs(), trained)
            .millisecondsARound(bench.workers(), bench.setting("flow.batch"), INTERVAL));
  }
}
