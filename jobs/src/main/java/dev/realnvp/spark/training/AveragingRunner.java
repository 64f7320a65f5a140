package dev.realnvp.spark.training;

import java.util.Arrays;
import java.util.List;
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
  private final int workers;
  private final int steps;
  private final long rows;
  private final Broadcast<Session> session;
  private NetworkState state;

  AveragingRunner(
      JavaSparkContext spark,
      TrainingSettings settings,
      TrainingListener listener,
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      int[] sizes) {
    this.spark = spark;
    this.settings = settings;
    this.listener = listener;
    this.network = network;
    this.shards = shards;
    this.workers = sizes.length;
    this.steps = Steps.perEpoch(sizes, settings.batchSize());
    this.rows = Arrays.stream(sizes).asLongStream().sum();
    this.state = NetworkState.of(network);
    this.session = spark.broadcast(new Session(network, settings.seed()));
  }

  @Override
  public EpochStats run(int epoch) {
    long began = System.nanoTime();
    long examples = 0;
    double lossSum = 0;
    double fitting = 0;
    double waiting = 0;
    for (int from = 0; from < steps; from += settings.averagingInterval()) {
      int to = (int) Math.min(steps, (long) from + settings.averagingInterval());
      List<RoundResult> results = round(from, to);
      requireFinite(results, epoch, from / settings.averagingInterval() + 1);
      state = mean(results).withCounts(state.iteration() + to - from, state.epoch());
      for (RoundResult result : results) {
        examples += result.examples;
        lossSum += result.lossSum;
      }
      double[] seconds = results.stream().mapToDouble(result -> result.seconds).toArray();
      double slowest = Arrays.stream(seconds).max().orElseThrow();
      fitting += slowest;
      waiting += slowest - Arrays.stream(seconds).sum() / workers;
      listener.roundDone(
          new RoundProgress(epoch, settings.epochs(), examples, rows, lossSum / examples));
    }
    state = state.withCounts(state.iteration(), state.epoch() + 1);
    state.restore(network);
    double seconds = (System.nanoTime() - began) / 1e9;
    return new EpochStats(
        epoch, seconds, examples, lossSum / examples, Double.NaN, seconds - fitting, waiting);
  }

  /** Results in the order of the partitions; workers without a minibatch left give none. */
  private List<RoundResult> round(int from, int to) {
    Broadcast<NetworkState> start = spark.broadcast(state);
    try {
      return ShardJob.run(shards, new RoundTask(session, start, settings.batchSize(), from, to));
    } finally {
      start.destroy();
    }
  }

  private static void requireFinite(List<RoundResult> results, int epoch, int round) {
    for (RoundResult result : results) {
      if (result.failure != null) {
        throw EpochRunner.diverged(
            epoch, "round %d, on worker %d".formatted(round, result.partition), result.failure);
      }
    }
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
