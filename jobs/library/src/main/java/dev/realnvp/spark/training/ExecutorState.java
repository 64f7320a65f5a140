package dev.realnvp.spark.training;

import dev.realnvp.spark.training.rows.EpochOrder;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.Serializable;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What an executor keeps between the rounds of one training: idle fitters, and the epoch's row
 * orders. Broadcast once; there is one instance an executor JVM, which goes when the driver
 * destroys the broadcast. Losing it costs time only, since every task sets all of a fitter's state.
 *
 * <p>A task has a fitter to itself, be it one of many in the JVM or a second attempt at the same
 * partition.
 */
final class ExecutorState implements Serializable {

  private final String configuration;
  private final long seed;
  private final double maxGradientNorm;
  private final Suspects suspects;
  private final transient ConcurrentLinkedDeque<Fitter> idle = new ConcurrentLinkedDeque<>();
  private final transient Map<Integer, EpochOrder> orders = new ConcurrentHashMap<>();
  private final transient Map<Integer, BitSet> suspectRows = new ConcurrentHashMap<>();

  /**
   * @param suspects the rows that the loss may leave out; null for none
   */
  ExecutorState(MultiLayerNetwork network, TrainingSettings settings, Suspects suspects) {
    this(json(network), settings.seed(), settings.maxGradientNorm(), suspects);
  }

  /** One that trains nothing. */
  static ExecutorState forInference(MultiLayerNetwork network) {
    return new ExecutorState(json(network), 0, 0, null);
  }

  private ExecutorState(
      String configuration, long seed, double maxGradientNorm, Suspects suspects) {
    this.configuration = configuration;
    this.seed = seed;
    this.maxGradientNorm = maxGradientNorm;
    this.suspects = suspects;
  }

  private static String json(MultiLayerNetwork network) {
    return network.getLayerWiseConfigurations().toJson();
  }

  /** On an executor: with nothing kept yet. */
  private Object readResolve() {
    return new ExecutorState(configuration, seed, maxGradientNorm, suspects);
  }

  /**
   * Runs a piece of work on a fitter that is in the given state. A fitter whose work fails is not
   * used again.
   */
  <T> T with(NetworkState state, Function<Fitter, T> work) {
    Fitter pooled = idle.pollFirst();
    Fitter fitter = pooled == null ? create() : pooled;
    fitter.restore(state);
    T result = work.apply(fitter);
    idle.addFirst(fitter);
    return result;
  }

  /** {@link EpochOrder#random} of this training's seed. */
  EpochOrder order(int epoch, int partition, Shard.Extent extent) {
    return orders.compute(
        partition,
        (key, known) ->
            known != null && known.is(epoch, extent)
                ? known
                : EpochOrder.random(seed, epoch, partition, extent));
  }

  /** Which of a shard's rows the loss may leave out; null for none. */
  BitSet suspects(int partition, Shard shard) {
    return suspects == null
        ? null
        : suspectRows.computeIfAbsent(
            partition, key -> with(suspects.pilot(), fitter -> suspects.among(fitter, shard)));
  }

  long seed() {
    return seed;
  }

  private Fitter create() {
    // All large arrays live in workspaces; a System.gc() every few seconds would only stop workers.
    Nd4j.getMemoryManager().togglePeriodicGc(false);
    MultiLayerNetwork network =
        new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
    network.init();
    return Fitter.of(network, maxGradientNorm);
  }
}
