package dev.realnvp.engine;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;

/**
 * Trains a network with Adam, one minibatch at a time, on plain arrays. The result equals that of
 * {@code MultiLayerNetwork.fit}, up to rounding. Its state is read and written in the network's own
 * layout of flat vectors. For one thread at a time.
 */
public final class Learner {

  private final StageSequence sequence;
  private final Adam adam;
  private final double maxGradientNorm;

  /** The places of each trained parameter's moments in the updater's flat vector. */
  private final Placement firstMoments;

  private final Placement secondMoments;
  private final float[] m;
  private final float[] v;
  private final Batch batch = new Batch();
  private int iteration;
  private int epoch;

  private Learner(
      StageSequence sequence, Adam adam, List<UpdaterBlock> blocks, double maxGradientNorm) {
    this.sequence = sequence;
    this.adam = adam;
    this.maxGradientNorm = maxGradientNorm;
    int size = sequence.trainedCount();
    int[] first = new int[size];
    int[] second = new int[size];
    m = new float[size];
    v = new float[size];
    UpdaterBlock[] blockOf = blockOf(blocks);
    for (int i = 0; i < size; i++) {
      UpdaterBlock block = blockOf[sequence.inNetwork(i)];
      int start = block.getParamOffsetStart();
      first[i] = block.getUpdaterViewOffsetStart() + sequence.inNetwork(i) - start;
      second[i] = first[i] + block.getParamOffsetEnd() - start;
    }
    firstMoments = new Placement(first);
    secondMoments = new Placement(second);
  }

  /** Each parameter's block; its state is all first moments, then all second moments. */
  private static UpdaterBlock[] blockOf(List<UpdaterBlock> blocks) {
    UpdaterBlock[] blockOf = new UpdaterBlock[blocks.get(blocks.size() - 1).getParamOffsetEnd()];
    for (UpdaterBlock block : blocks) {
      for (int i = block.getParamOffsetStart(); i < block.getParamOffsetEnd(); i++) {
        blockOf[i] = block;
      }
    }
    return blockOf;
  }

  /** A learner that does not clip gradients; see {@link #of(MultiLayerNetwork, double)}. */
  public static Optional<Learner> of(MultiLayerNetwork network) {
    return of(network, 0);
  }

  /**
   * A learner with the network's parameters; {@link #load} sets the state of Adam.
   *
   * @param maxGradientNorm the largest norm of a minibatch's gradient, that of the mean loss
   *     without L2; a longer gradient is shortened to it (Pascanu, Mikolov and Bengio 2013, On the
   *     difficulty of training recurrent neural networks, section 3.2); 0 for none
   * @return empty if a layer has no stage, or the network's optimizer is not Adam with one rate and
   *     L2 factor
   */
  public static Optional<Learner> of(MultiLayerNetwork network, double maxGradientNorm) {
    Optional<Adam> adam = Adam.of(network);
    Optional<StageSequence> sequence = StageSequence.of(network);
    return adam.isPresent() && sequence.isPresent()
        ? Optional.of(
            new Learner(
                sequence.get(),
                adam.get(),
                ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks(),
                maxGradientNorm))
        : Optional.empty();
  }

  /**
   * Loads a state.
   *
   * @param parameters the network's flat vector
   * @param updater the updater's flat vector; empty if only {@link #loss} is needed
   * @param iteration the number of steps done
   * @param epoch the number of epochs done
   */
  public void load(float[] parameters, float[] updater, int iteration, int epoch) {
    sequence.load(parameters);
    if (updater.length > 0) {
      firstMoments.gather(updater, m);
      secondMoments.gather(updater, v);
    }
    this.iteration = iteration;
    this.epoch = epoch;
  }

  /** Writes the two flat vectors of the state. */
  public void store(float[] parameters, float[] updater) {
    sequence.store(parameters);
    firstMoments.scatter(m, updater);
    secondMoments.scatter(v, updater);
  }

  /** The batch of the next call, for the caller to fill. */
  public Batch batch() {
    return batch;
  }

  /**
   * One step on {@link #batch}.
   *
   * @return the mean loss before it, in nats
   */
  public double fit() {
    sequence.forward(batch, true);
    double loss = batch.meanLoss();
    sequence.backward(batch);
    adam.step(
        sequence.values(),
        sequence.gradients(),
        m,
        v,
        sequence.trainedCount(),
        perExample(),
        iteration++,
        epoch);
    return loss;
  }

  /** {@code 1 / N}, or less if the gradient must be shortened. */
  private float perExample() {
    int examples = batch.rows();
    if (maxGradientNorm == 0) {
      return 1f / examples;
    }
    double squares = 0;
    float[] gradients = sequence.gradients();
    for (int i = 0; i < sequence.trainedCount(); i++) {
      squares += (double) gradients[i] * gradients[i];
    }
    double norm = Math.sqrt(squares) / examples;
    return (float) ((norm > maxGradientNorm ? maxGradientNorm / norm : 1) / examples);
  }

  /** The mean loss of {@link #batch} outside of training, in nats. */
  public double loss() {
    sequence.forward(batch, false);
    return batch.meanLoss();
  }
}
