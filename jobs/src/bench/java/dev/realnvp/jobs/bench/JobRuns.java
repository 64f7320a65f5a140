package dev.realnvp.jobs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Times a job in a warm session, Parquet to Parquet: checks, work, output. */
final class JobRuns {

  /** One run of the job. */
  @FunctionalInterface
  interface Run {
    void run() throws IOException;
  }

  private JobRuns() {}

  /**
   * The best of the runs that count.
   *
   * @param scale what the seconds are multiplied with
   */
  static Reading best(Workload workload, double scale, Run job) throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int run = 0; run < workload.warmRuns() + workload.runs(); run++) {
      long start = System.nanoTime();
      job.run();
      if (run >= workload.warmRuns()) {
        seconds.add((System.nanoTime() - start) / 1e9 * scale);
      }
    }
    return Reading.best(seconds);
  }
}
