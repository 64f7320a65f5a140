package dev.realnvp.jobs.bench;

import java.io.IOException;

/**
 * Percent of an epoch, at the default interval, that averaging takes: what is beyond the fitting of
 * each round's slowest worker.
 */
record AveragingShare(String section) implements Measure {

  @Override
  public String name() {
    return section + "-averaging";
  }

  @Override
  public String unit() {
    return "%";
  }

  @Override
  public Goal goal() {
    return Goal.valueAtMost(5);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    return Reading.middle(
        bench.training(section, bench.workers()).averagingShares().stream()
            .map(share -> 100 * share)
            .toList());
  }
}
