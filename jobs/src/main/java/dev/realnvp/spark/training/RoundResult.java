package dev.realnvp.spark.training;

import java.io.Serializable;

/**
 * What a worker sends back after a round. No record, so that any of Spark's serializers takes it.
 */
final class RoundResult implements Serializable {

  final int partition;
  final long examples;
  final double lossSum;
  final double seconds;
  final NetworkState state;
  final String failure;

  private RoundResult(
      int partition,
      long examples,
      double lossSum,
      double seconds,
      NetworkState state,
      String failure) {
    this.partition = partition;
    this.examples = examples;
    this.lossSum = lossSum;
    this.seconds = seconds;
    this.state = state;
    this.failure = failure;
  }

  /**
   * @param lossSum sum over examples of the loss
   * @param seconds spent on making and fitting minibatches
   * @param state what {@link StateTransport#send} says
   */
  static RoundResult of(
      int partition, long examples, double lossSum, double seconds, NetworkState state) {
    return new RoundResult(partition, examples, lossSum, seconds, state, null);
  }

  /**
   * A worker whose network is lost; sent as a result since running the task again would not help.
   */
  static RoundResult failed(int partition, String failure) {
    return new RoundResult(partition, 0, 0, 0, null, failure);
  }

  /** The same result, with a state that came another way. */
  RoundResult withState(NetworkState other) {
    return new RoundResult(partition, examples, lossSum, seconds, other, failure);
  }
}
