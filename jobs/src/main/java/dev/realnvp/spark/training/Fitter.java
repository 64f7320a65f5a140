package dev.realnvp.spark.training;

import dev.realnvp.engine.Learner;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A network at work: what takes a state, fits minibatches, and gives the state back. */
interface Fitter {

  /** Puts everything into the state; without updater state, only for {@link #loss}. */
  void restore(NetworkState state);

  /**
   * One step.
   *
   * @return the mean loss of the minibatch before it
   */
  double fit(Shard shard, int[] rows);

  /** The mean loss of the rows, outside of training. */
  double loss(Shard shard, int[] rows);

  /** A copy of the state. */
  NetworkState state();

  /**
   * On plain arrays where all of the network's layers can, else as DL4J does it, which clips no
   * gradients.
   *
   * @param clipNorm as in {@link Learner#of(MultiLayerNetwork, double)}
   */
  static Fitter of(MultiLayerNetwork network, double clipNorm) {
    Optional<Learner> learner = Learner.of(network, clipNorm);
    return learner.isPresent() ? new LearnerFitter(learner.get()) : new NetworkFitter(network);
  }
}
