package dev.realnvp.jobs.bench;

/**
 * How much is done of each thing.
 *
 * @param fraction of the rows; times are scaled up to all of them
 * @param warmEpochs of a training, before those that count
 * @param epochs that count
 * @param warmRuns of an inference job, before those that count
 * @param runs that count
 */
record Workload(double fraction, int warmEpochs, int epochs, int warmRuns, int runs) {

  /**
   * Everything; as many repetitions as the peer has, which runs twice and takes the better of two.
   */
  static final Workload FULL = new Workload(1, 2, 4, 2, 4);

  /** To see that it works. */
  static final Workload QUICK = new Workload(0.02, 1, 1, 0, 1);

  /** The rows that are worked on in place of so many. */
  int rows(int all) {
    return (int) Math.max(1, Math.round(all * fraction));
  }
}
