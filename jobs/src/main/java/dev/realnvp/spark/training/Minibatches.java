package dev.realnvp.spark.training;

/**
 * How a worker's rows are cut into the minibatches of an epoch. Their sizes differ by one row at
 * most: a short one would have as large a step, and as large a share in the running statistics of a
 * batch norm, as any other.
 *
 * @param rows of the worker
 * @param count of its minibatches, none of them empty
 */
record Minibatches(int rows, int count) {

  /**
   * The cut of an epoch of {@link Steps#perEpoch} steps: a minibatch for each, or, for a worker
   * with fewer rows than that, one for each row.
   */
  static Minibatches of(int rows, int steps) {
    return new Minibatches(rows, Math.min(rows, steps));
  }

  /** The first row of a minibatch; for {@code index = count} the end of the last one. */
  int begin(int index) {
    return (int) ((long) index * rows / count);
  }
}
