package dev.realnvp.jobs.bench;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import java.util.List;

/**
 * The epochs of a training that count, as its manifest tells them.
 *
 * @param epochs in order
 */
record History(List<EpochStats> epochs) {

  /** The rows of an epoch that all times are given for. */
  static final int EPOCH_ROWS = 60_000;

  /** Without the first ones, while the JVM warms up. */
  static History after(int warm, Manifest manifest) {
    List<EpochStats> all = manifest.history();
    return new History(all.subList(Math.min(warm, all.size() - 1), all.size()));
  }

  /** Seconds of each epoch, of {@link #EPOCH_ROWS} rows. */
  List<Double> seconds() {
    return epochs.stream().map(epoch -> epoch.seconds() * EPOCH_ROWS / epoch.examples()).toList();
  }

  /** Milliseconds that a round of so many steps takes beyond its work, in each epoch. */
  List<Double> millisecondsARound(int workers, int batch, int interval) {
    return epochs.stream()
        .map(
            epoch -> {
              double steps = Math.ceil(Math.ceil((double) epoch.examples() / workers) / batch);
              return 1000 * epoch.averagingSeconds() / Math.ceil(steps / interval);
            })
        .toList();
  }
}
