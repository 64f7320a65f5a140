package dev.realnvp.spark.training;

import dev.realnvp.model.LearningRates;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * {@link Master#AVERAGING}. Does not implement DL4J's {@code TrainingMaster}: that interface hands
 * over an RDD of minibatches (or paths), not resident rows, and asks for workers, hooks, statistics
 * routers and computation graphs that rounds over a cached RDD have no use for.
 */
final class AveragingRunner implements EpochRunner {

  private final JavaSparkContext spark;
  private final TrainingSettings settings;
  private final TrainingListener listener;
  private final MultiLayerNetwork network;
  private final JavaRDD<Shard> shards;
  private final CheckpointSaver saver;
  private final int workers;
  private final int steps;
  private final long rows;
  private Broadcast<ExecutorState> session;

  AveragingRunner(
      JavaSparkContext spark,
      TrainingSettings settings,
      TrainingListener listener,
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      int[] sizes,
      CheckpointSaver saver) {
    this.spark = spark;
    this.settings = settings;
    this.listener = listener;
    this.network = network;
    this.shards = shards;
    this.saver = saver;
    this.workers = sizes.length;
    this.steps = Steps.perEpoch(sizes, settings.batchSize());
    this.rows = Arrays.stream(sizes).asLongStream().sum();
    this.session = spark.broadcast(new ExecutorState(network, settings));
  }

  @Override
  public Checkpoint run(Checkpoint from) {
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
    List<RoundResult> results = fit(at.state(), from, to);
    Optional<RoundResult> lost =
        results.stream().filter(result -> result.failure != null).findFirst();
    if (lost.isPresent()) {
      return rewind(at, lost.get());
    }
    NetworkState mean =
        mean(results).withCounts(at.state().iteration() + to - from, at.state().epoch());
    EpochTally tally = at.tally().plus(results, to, workers, (System.nanoTime() - began) / 1e9);
    Checkpoint after = at.plus(mean, tally);
    listener.roundDone(
        new RoundProgress(
            tally.epoch(), settings.epochs(), tally.examples(), rows, tally.meanLoss()));
    saver.roundDone(after);
    return after;
  }

  /** Results in the order of the partitions; workers without a minibatch left give none. */
  private List<RoundResult> fit(NetworkState state, int from, int to) {
    StateTransport states = StateTransport.open(spark, state);
    try {
      RoundTask task = new RoundTask(session, states, steps, from, to);
      return ShardJob.run(shards, task).stream().map(states::received).toList();
    } finally {
      states.close();
    }
  }

  /** Back to before the round, with half the learning rate, as often as the settings allow. */
  private Checkpoint rewind(Checkpoint at, RoundResult lost) {
    Divergence divergence =
        new Divergence(
            at.tally().epoch(),
            "round %d, on worker %d"
                .formatted(at.tally().step() / settings.averagingInterval() + 1, lost.partition),
            lost.failure);
    saver.save(at);
    if (at.rewinds() >= settings.maxRewinds()) {
      throw divergence.exception(at.rewinds());
    }
    Checkpoint again = at.rewound();
    LearningRates.scale(network, again.rateFactor() / at.rateFactor());
    session.destroy();
    session = spark.broadcast(new ExecutorState(network, settings));
    listener.rewound(divergence.message(), again.rewinds(), settings.maxRewinds());
    return again;
  }

  private static NetworkState mean(List<RoundResult> results) {
    return NetworkState.mean(
        results.stream().map(result -> result.state).toList(),
        results.stream().mapToLong(result -> result.examples).toArray());
  }

  @Override
  public void close() {
    session.destroy();
  }
}
