package dev.realnvp.jobs.bench;

import java.io.IOException;

/** Milliseconds of a round of the flow's training beyond its work, in this session. */
record RoundCost() implements Measure {

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
    int workers = bench.workers();
    return Reading.middle(
        bench
            .training("flow", workers)
            .millisecondsARound(
                workers, bench.setting("flow.batch"), bench.setting("flow.averaging-interval")));
  }
}
