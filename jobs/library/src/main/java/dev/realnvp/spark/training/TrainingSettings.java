package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * How to train.
 *
 * @param epochs passes over all rows, at least 1
 * @param batchSize examples in a minibatch of one worker, at least 1
 * @param averagingInterval k, the minibatches that each worker fits between two averagings, at
 *     least 1; 0 for {@link #sized} to choose
 * @param seed what the order of the rows follows from
 * @param master who averages
 * @param maxRewinds how often a training that diverges goes back to before the round, at half the
 *     learning rate, at least 0; {@link Master#STOCK} never does
 * @param maxGradientNorm the greatest length of a minibatch's gradient, which {@link Master#STOCK}
 *     takes none of; 0 for none
 * @param patience how many epochs in a row may have a validation loss that is no better than the
 *     best before them, until training stops (Prechelt 1998, Early stopping - but when?); 0 to
 *     never stop. In any case the epoch of the lowest one is kept; the last, if there is none
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    int averagingInterval,
    long seed,
    Master master,
    int maxRewinds,
    double maxGradientNorm,
    int patience) {

  /** Also that of one worker, whose rounds only report progress and save checkpoints. */
  private static final int LONGEST_INTERVAL = 300;

  /** What a round costs the driver grows with the workers, so many have longer ones. */
  private static final int LONGEST_INTERVAL_PER_WORKER = 3;

  /** Averagings of an epoch, while steps suffice. */
  private static final int AVERAGINGS_OF_TWO = 2;

  /** More workers take longer steps, and come apart sooner. */
  private static final int AVERAGINGS_OF_MORE = 30;

  /** Settings that neither clip gradients nor stop early. */
  public TrainingSettings(
      int epochs, int batchSize, int averagingInterval, long seed, Master master, int maxRewinds) {
    this(epochs, batchSize, averagingInterval, seed, master, maxRewinds, 0, 0);
  }

  /**
   * @throws IllegalArgumentException if gradients are to be clipped by {@link Master#STOCK}
   */
  public TrainingSettings {
    Objects.requireNonNull(master, "master");
    if (maxGradientNorm > 0 && master == Master.STOCK) {
      throw new IllegalArgumentException("Cannot clip gradients with the stock master");
    }
  }

  /**
   * The settings for a table. If the averaging interval is 0: {@value #AVERAGINGS_OF_TWO}
   * averagings per epoch of two workers, {@value #AVERAGINGS_OF_MORE} of more, and at least one in
   * {@value #LONGEST_INTERVAL} minibatches, or in {@value #LONGEST_INTERVAL_PER_WORKER} per worker
   * if that is longer. One worker has nothing to average: its rounds are as long as that.
   *
   * @param steps of an epoch
   */
  TrainingSettings sized(int chosenEpochs, int chosenBatch, int steps, int workers) {
    int longest = Math.max(LONGEST_INTERVAL, LONGEST_INTERVAL_PER_WORKER * workers);
    int averagings = workers == 2 ? AVERAGINGS_OF_TWO : AVERAGINGS_OF_MORE;
    int usual = workers == 1 ? LONGEST_INTERVAL : Math.round((float) steps / averagings);
    int interval =
        averagingInterval > 0 ? averagingInterval : Math.max(1, Math.min(usual, longest));
    return with(chosenEpochs, chosenBatch, interval, patience);
  }

  /** So many epochs, none of which validation ends. */
  TrainingSettings ofPilot(int count) {
    return with(count, batchSize, averagingInterval, 0);
  }

  private TrainingSettings with(int count, int size, int interval, int stop) {
    return new TrainingSettings(
        count, size, interval, seed, master, maxRewinds, maxGradientNorm, stop);
  }

  /**
   * Whether it is time to stop. If no epoch has a finite validation loss, because a held-out row
   * has no finite density say, nothing is known of which is better, and all epochs are done.
   */
  boolean stops(List<EpochStats> history) {
    int best = EpochStats.best(history);
    return patience > 0 && best > 0 && history.size() - best >= patience;
  }

  /** What, beside what its caller says, makes a training another training. */
  Map<String, String> identity(MultiLayerNetwork network, List<Shard.Extent> shards) {
    long[] sizes = shards.stream().mapToLong(Shard.Extent::rows).toArray();
    Map<String, String> identity = new TreeMap<>();
    identity.put(Checkpoints.WORKERS, Integer.toString(sizes.length));
    identity.put("rows", Long.toString(Arrays.stream(sizes).sum()));
    identity.put("partition-sizes", Integer.toHexString(Arrays.hashCode(sizes)));
    identity.put("epochs", Integer.toString(epochs));
    identity.put("batch", Integer.toString(batchSize));
    identity.put("averaging-interval", Integer.toString(averagingInterval));
    identity.put("seed", Long.toString(seed));
    identity.put("master", master.name());
    identity.put("clip-norm", Double.toString(maxGradientNorm));
    identity.put("patience", Integer.toString(patience));
    identity.put("network", fingerprint(network));
    // The order of rows that are one window depends on nothing else.
    shards.stream()
        .filter(extent -> extent.windows() > 1)
        .findFirst()
        .ifPresent(
            extent ->
                identity.put(
                    "shuffle-window",
                    extent.windowBlocks() + " blocks of " + extent.blockRows() + " rows"));
    return identity;
  }

  /** Of the configuration and of the state at the start. */
  private static String fingerprint(MultiLayerNetwork network) {
    CRC32C crc = new CRC32C();
    crc.update(network.getLayerWiseConfigurations().toJson().getBytes(StandardCharsets.UTF_8));
    NetworkState state = NetworkState.of(network);
    for (float[] values : new float[][] {state.parameters(), state.updater()}) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      crc.update(bytes);
    }
    return Long.toHexString(crc.getValue()) + "-" + state.iteration() + "-" + state.epoch();
  }
}
