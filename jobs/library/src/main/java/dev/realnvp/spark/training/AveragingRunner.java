package dev.realnvp.spark.training;

import dev.realnvp.model.ScaledRate;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.EpochOrder;
import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import dev.realnvp.spark.training.state.NetworkState;
import dev.realnvp.spark.training.state.RoundResult;
import dev.realnvp.spark.training.state.StateTransport;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Master#AVERAGING}. Does not implement DL4J's {@code TrainingMaster}: that interface hands
 * over an RDD of minibatches (or paths), not resident rows, and asks for workers, hooks, statistics
 * routers and computation graphs that rounds over shards have no use for.
 */
final class AveragingRunner implements AutoCloseable {

  private final JavaSparkContext spark;
  private final TrainingSettings settings;
  private final TrainingListener listener;
  private final MultiLayerNetwork network;
  private final JavaRDD<Shard> shards;
  private final CheckpointSaver saver;
  private final Suspects suspects;
  private final int workers;
  private final int steps;
  private final long rows;
  private Broadcast<ExecutorState> executorState;

  AveragingRunner(
      JavaSparkContext spark,
      TrainingSettings settings,
      TrainingListener listener,
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      long[] sizes,
      Suspects suspects,
      CheckpointSaver saver) {
    this.spark = spark;
    this.settings = settings;
    this.listener = listener;
    this.network = network;
    this.shards = shards;
    this.saver = saver;
    this.suspects = suspects;
    this.workers = sizes.length;
    this.steps = Minibatches.stepsPerEpoch(sizes, settings.batchSize());
    this.rows = Arrays.stream(sizes).sum();
    this.executorState = spark.broadcast(new ExecutorState(network, settings, suspects));
  }

  /**
   * Trains what is left of an epoch.
   *
   * @param from where the training stands
   * @return the same at the end of that epoch's last round; the network may or may not hold the
   *     state
   * @throws TrainingException if the loss or the parameters are no longer finite
   */
  Checkpoint run(Checkpoint from) {
    Checkpoint at = from;
    while (at.tally().step() < steps) {
      at = round(at);
    }
    return at;
  }

  private Checkpoint round(Checkpoint at) {
    long began = System.nanoTime();
    int from = at.tally().step();
    int to = (int) Math.min(steps, (long) from + settings.averagingInterval());
    RoundResult result = fit(at.state(), from, to);
    if (result.failure() != null) {
      return rewind(at, result);
    }
    NetworkState mean =
        result.state().withCounts(at.state().iteration() + to - from, at.state().epoch());
    Checkpoint.Tally tally =
        at.tally().plus(result, to, workers, (System.nanoTime() - began) / 1e9);
    Checkpoint after = at.plus(mean, tally);
    listener.roundDone(tally.epoch(), tally.examples(), rows, tally.meanLoss());
    saver.roundDone(after);
    return after;
  }

  /** The mean of all workers' results; workers without a minibatch left give none. */
  private RoundResult fit(NetworkState state, int from, int to) {
    StateTransport states = StateTransport.open(spark, state);
    try {
      return states.mean(new RoundTask(executorState, states, steps, from, to), shards);
    } finally {
      states.close();
    }
  }

  /** Back to before the round, with half the learning rate, as often as the settings allow. */
  private Checkpoint rewind(Checkpoint at, RoundResult lost) {
    String divergence =
        TrainingException.divergence(
            at.tally().epoch(),
            "round %d, on worker %d"
                .formatted(at.tally().step() / settings.averagingInterval() + 1, lost.partition()),
            lost.failure());
    saver.save(at);
    if (at.rewinds() >= settings.maxRewinds()) {
      throw TrainingException.diverged(divergence, at.rewinds());
    }
    Checkpoint again = at.rewound();
    ScaledRate.scale(network, again.rateFactor() / at.rateFactor());
    executorState.destroy();
    executorState = spark.broadcast(new ExecutorState(network, settings, suspects));
    listener.rewound(divergence, again.rewinds(), settings.maxRewinds());
    return again;
  }

  @Override
  public void close() {
    executorState.destroy();
  }

  /**
   * A worker's part of a round: minibatches {@code from} up to {@code to} of its epoch, starting
   * from the round's state. Depends on nothing else, so any attempt gives the same result.
   */
  private static final class RoundTask extends ShardTask<RoundResult> {

    private final Broadcast<ExecutorState> executorState;
    private final StateTransport states;
    private final int steps;
    private final int from;
    private final int to;

    /**
     * @param steps of the whole epoch
     */
    RoundTask(
        Broadcast<ExecutorState> executorState,
        StateTransport states,
        int steps,
        int from,
        int to) {
      this.executorState = executorState;
      this.states = states;
      this.steps = steps;
      this.from = from;
      this.to = to;
    }

    @Override
    public Iterator<RoundResult> call(int partition, Shard shard) {
      Minibatches minibatches = Minibatches.of(shard.size(), steps);
      int end = Math.min(to, minibatches.count());
      if (end <= from) {
        return Collections.emptyIterator();
      }
      NetworkState start = states.start();
      EpochOrder order = executorState.value().order(start.epoch(), partition, shard.extent());
      BitSet suspects = executorState.value().suspects(partition, shard);
      RoundResult result =
          executorState
              .value()
              .with(
                  start,
                  fitter ->
                      fit(fitter, start, partition, shard, order, suspects, minibatches, end));
      return Collections.singleton(result).iterator();
    }

    private RoundResult fit(
        Fitter fitter,
        NetworkState start,
        int partition,
        Shard shard,
        EpochOrder order,
        BitSet suspects,
        Minibatches minibatches,
        int end) {
      // Dropout and the like draw from the thread's generator.
      Nd4j.getRandom()
          .setSeed(Minibatches.mix(executorState.value().seed(), start.iteration(), partition));
      long began = System.nanoTime();
      long examples = 0;
      double lossSum = 0;
      for (int step = from; step < end; step++) {
        long[] rows = order.rows(shard, minibatches.begin(step), minibatches.begin(step + 1));
        double loss = fitter.fit(shard, rows, suspects);
        if (!Double.isFinite(loss)) {
          return RoundResult.failed(
              partition, "the loss of minibatch %d is %s".formatted(step + 1, loss));
        }
        lossSum += loss * rows.length;
        examples += rows.length;
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      NetworkState state = fitter.state();
      return state.isFinite()
          ? RoundResult.of(partition, examples, lossSum, seconds, states.send(partition, state))
          : RoundResult.failed(
              partition, "parameters are not finite after minibatch %d".formatted(end));
    }
  }
}
