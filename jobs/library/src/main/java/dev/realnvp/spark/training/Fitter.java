package dev.realnvp.spark.training;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.util.BitSet;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A network at work: what takes a state, fits minibatches, and gives the state back. */
interface Fitter {

  /** Puts everything into the state; without updater state, only for {@link #loss}. */
  void restore(NetworkState state);

  /**
   * One step.
   *
   * @param suspects the rows of the shard that the loss may leave out; null for none
   * @return the mean loss of the minibatch before it
   */
  double fit(Shard shard, long[] rows, BitSet suspects);

  /** The rows' inputs and losses, outside of training. */
  Batch score(Shard shard, long[] rows);

  /** The mean loss of the rows, outside of training. */
  double loss(Shard shard, long[] rows);

  /** A copy of the state. */
  NetworkState state();

  /**
   * On plain arrays where all of the network's layers can, else as DL4J does it, which clips no
   * gradients.
   *
   * @param maxGradientNorm as in {@link Learner#of(MultiLayerNetwork, double)}
   */
  static Fitter of(MultiLayerNetwork network, double maxGradientNorm) {
    Optional<Learner> learner = Learner.of(network, maxGradientNorm);
    return learner.isPresent() ? new OfLearner(learner.get()) : new OfNetwork(network);
  }

  /** The engine's learner, of a network whose layers all have stages. */
  static final class OfLearner implements Fitter {

    private final Learner learner;
    private NetworkState start;
    private int steps;

    OfLearner(Learner learner) {
      this.learner = learner;
    }

    @Override
    public void restore(NetworkState state) {
      learner.load(state.parameters(), state.updater(), state.iteration(), state.epoch());
      start = state;
      steps = 0;
    }

    @Override
    public double fit(Shard shard, long[] rows, BitSet suspects) {
      shard.fill(rows, learner.batch().rows(rows.length));
      if (suspects != null) {
        learner.batch().suspect(i -> suspects.get((int) rows[i]));
      }
      steps++;
      return learner.fit();
    }

    @Override
    public double loss(Shard shard, long[] rows) {
      shard.fill(rows, learner.batch().rows(rows.length));
      return learner.loss();
    }

    @Override
    public Batch score(Shard shard, long[] rows) {
      loss(shard, rows);
      return learner.batch();
    }

    @Override
    public NetworkState state() {
      float[] parameters = new float[start.parameters().length];
      float[] updater = new float[start.updater().length];
      learner.store(parameters, updater);
      return new NetworkState(parameters, updater, start.iteration() + steps, start.epoch());
    }
  }

  /** DL4J's own fit, of any network. */
  record OfNetwork(MultiLayerNetwork network) implements Fitter {
    @Override
    public void restore(NetworkState state) {
      state.restore(network);
    }

    @Override
    public double fit(Shard shard, long[] rows, BitSet suspects) {
      network.fit(shard.batch(rows));
      return network.score();
    }

    @Override
    public Batch score(Shard shard, long[] rows) {
      throw new UnsupportedOperationException("Only the engine tells the loss of each row");
    }

    @Override
    public double loss(Shard shard, long[] rows) {
      return network.score(shard.batch(rows), false);
    }

    @Override
    public NetworkState state() {
      return NetworkState.of(network);
    }
  }
}
