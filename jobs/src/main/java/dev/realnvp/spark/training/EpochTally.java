package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import java.util.Arrays;
import java.util.List;

/**
 * What an epoch has done so far.
 *
 * @param epoch counted from 1 within the training
 * @param step the minibatches of a worker that are done, that is, the next one
 * @param examples rows that were trained on
 * @param lossSum sum over them of the loss
 * @param seconds wall time
 * @param fittingSeconds of each round, its slowest worker's
 * @param waitingSeconds of each round, what a worker waited for the slowest, on the average
 */
record EpochTally(
    int epoch,
    int step,
    long examples,
    double lossSum,
    double seconds,
    double fittingSeconds,
    double waitingSeconds) {

  /** An epoch of which nothing is done. */
  static EpochTally start(int epoch) {
    return new EpochTally(epoch, 0, 0, 0, 0, 0, 0);
  }

  /**
   * With a round more.
   *
   * @param to the step that it ended before
   * @param workers how many there are, with rows or without
   */
  EpochTally plus(List<RoundResult> results, int to, int workers, double roundSeconds) {
    long moreExamples = examples;
    double moreLoss = lossSum;
    for (RoundResult result : results) {
      moreExamples += result.examples;
      moreLoss += result.lossSum;
    }
    double[] fitting = results.stream().mapToDouble(result -> result.seconds).toArray();
    double slowest = Arrays.stream(fitting).max().orElseThrow();
    return new EpochTally(
        epoch,
        to,
        moreExamples,
        moreLoss,
        seconds + roundSeconds,
        fittingSeconds + slowest,
        waitingSeconds + slowest - Arrays.stream(fitting).sum() / workers);
  }

  double meanLoss() {
    return lossSum / examples;
  }

  /** The epoch's figures, without validation. */
  EpochStats stats() {
    return new EpochStats(
        epoch, seconds, seconds - fittingSeconds, waitingSeconds, examples, meanLoss(), Double.NaN);
  }
}
