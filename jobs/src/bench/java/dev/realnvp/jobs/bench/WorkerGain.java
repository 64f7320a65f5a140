package dev.realnvp.jobs.bench;

import java.io.IOException;

/**
 * Seconds of an epoch with two workers, against one worker on the same rows. The one worker has a
 * core, and what the driver, the garbage collector and the compilers do may use the other.
 */
record WorkerGain(String section) implements Measure {

  private static final int WORKERS = 2;

  @Override
  public String name() {
    return section + "-workers";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.gainAtLeast(1.7);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    return Reading.best(bench.training(section, WORKERS).seconds())
        .against(bench.training(section, 1).seconds());
  }
}
