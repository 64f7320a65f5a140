package dev.realnvp.spark.training.state;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What a worker sends back after a round, or the mean of what some workers do.
 *
 * @param lossSum sum over examples of the loss
 * @param seconds spent on making and fitting minibatches
 * @param slowest the most seconds of a worker
 * @param state what {@link StateTransport#send} says
 * @param failure how the worker's network was lost; null if it was not
 */
public record RoundResult(
    int partition,
    long examples,
    double lossSum,
    double seconds,
    double slowest,
    NetworkState state,
    String failure)
    implements Serializable {

  public static RoundResult of(
      int partition, long examples, double lossSum, double seconds, NetworkState state) {
    return new RoundResult(partition, examples, lossSum, seconds, seconds, state, null);
  }

  /**
   * A worker whose network is lost; sent as a result since running the task again would not help.
   */
  public static RoundResult failed(int partition, String failure) {
    return new RoundResult(partition, 0, 0, 0, 0, null, failure);
  }

  /** The same result, with the i-th of so many parts of its state, if it has one. */
  public RoundResult slice(int i, int parts) {
    return withState(state == null ? null : state.slice(i, parts));
  }

  /** The same result, with a state that came another way. */
  public RoundResult withState(NetworkState other) {
    return new RoundResult(partition, examples, lossSum, seconds, slowest, other, failure);
  }

  /**
   * The mean of several states, weighted by their examples, with the sums of the other values.
   *
   * @param results in the order that sums go by, which decides their last bits
   * @return the first failure where there is one
   */
  public static RoundResult mean(List<RoundResult> results) {
    Optional<RoundResult> failed =
        results.stream().filter(result -> result.failure != null).findFirst();
    if (failed.isPresent()) {
      return failed.get();
    }
    long examples = 0;
    double lossSum = 0;
    double seconds = 0;
    double slowest = 0;
    for (RoundResult result : results) {
      examples += result.examples;
      lossSum += result.lossSum;
      seconds += result.seconds;
      slowest = Math.max(slowest, result.slowest);
    }
    NetworkState mean =
        NetworkState.mean(
            results.stream().map(result -> result.state).toList(),
            results.stream().mapToLong(result -> result.examples).toArray());
    return new RoundResult(
        results.get(0).partition, examples, lossSum, seconds, slowest, mean, null);
  }
}
