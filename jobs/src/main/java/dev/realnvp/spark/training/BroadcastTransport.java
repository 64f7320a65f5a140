package dev.realnvp.spark.training;

import org.apache.spark.broadcast.Broadcast;

/** Over the network: the start in a broadcast, the others in the workers' results. */
final class BroadcastTransport extends StateTransport {

  private final Broadcast<NetworkState> start;

  BroadcastTransport(Broadcast<NetworkState> start) {
    this.start = start;
  }

  @Override
  NetworkState start() {
    return start.value();
  }

  @Override
  NetworkState send(int partition, NetworkState trained) {
    return trained;
  }

  @Override
  RoundResult received(RoundResult result) {
    return result;
  }

  @Override
  void close() {
    start.destroy();
  }
}
