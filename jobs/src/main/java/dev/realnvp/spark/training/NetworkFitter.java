package dev.realnvp.spark.training;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** DL4J's own fit, of any network. */
final class NetworkFitter implements Fitter {

  private final MultiLayerNetwork network;

  NetworkFitter(MultiLayerNetwork network) {
    this.network = network;
  }

  @Override
  public void restore(NetworkState state) {
    state.restore(network);
  }

  @Override
  public double fit(Shard shard, int[] rows) {
    network.fit(shard.batch(rows));
    return network.score();
  }

  @Override
  public double loss(Shard shard, int[] rows) {
    return network.score(shard.batch(rows), false);
  }

  @Override
  public NetworkState state() {
    return NetworkState.of(network);
  }
}
