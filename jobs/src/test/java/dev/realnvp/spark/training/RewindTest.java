package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.ScaledRate;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Shard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;

/** Trainings that diverge: the last good state is kept, and half the learning rate goes on. */
class RewindTest {

  private static final int ROWS = 24;
  private static final int STEPS = ROWS / 4;

  private final JavaSparkContext spark = LocalSpark.context();
  private final List<String> heard = new ArrayList<>();

  @TempDir private Path folder;

  /** Gives no numbers at some calls. */
  private static final class PoisonedShard extends ArrayShard {
    static final AtomicInteger CALLS = new AtomicInteger();
    private final int from;
    private final int to;

    PoisonedShard(ArrayShard rows, int from, int to) {
      super(rows.features, rows.labels);
      this.from = from;
      this.to = to;
    }

    @Override
    public DataSet batch(long[] rows) {
      DataSet batch = super.batch(rows);
      int call = CALLS.getAndIncrement();
      if (call >= from && call < to) {
        batch.getFeatures().assign(Float.NaN);
      }
      return batch;
    }
  }

  private static MultiLayerNetwork network() {
    return SmallNetwork.create(new Optimizer(0.02, Schedule.COSINE, 3 * STEPS, 0).updater());
  }

  /** Three epochs of one round each; the calls are those of {@link PoisonedShard#batch}. */
  private MultiLayerNetwork train(int epochs, int from, int to, int maxRewinds) {
    PoisonedShard.CALLS.set(0);
    MultiLayerNetwork network = network();
    Shard shard = new PoisonedShard(ArrayShard.random(ROWS, 5), from, to);
    JavaRDD<Shard> shards = spark.parallelize(List.of(shard), 1);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void rewound(String reason, int rewinds, int of) {
            heard.add(reason + " " + rewinds + "/" + of);
          }
        };
    new DistributedTrainer(
            spark, new TrainingSettings(epochs, 4, 100, 11, Master.AVERAGING, maxRewinds), listener)
        .fit(
            network,
            shards,
            null,
            null,
            new Checkpoints(new Configuration(), folder.toString(), "small", 1, 2, Map.of()));
    return network;
  }

  /** One epoch, and then two more with a fraction of the rate, in two calls. */
  private MultiLayerNetwork reference(double factor) {
    MultiLayerNetwork network = network();
    Shard shard = ArrayShard.random(ROWS, 5);
    JavaRDD<Shard> shards = spark.parallelize(List.of(shard), 1);
    for (int epochs : new int[] {1, 2}) {
      ScaledRate.scale(network, epochs == 1 ? 1 : factor);
      TrainingSettings settings = new TrainingSettings(epochs, 4, 100, 11, Master.AVERAGING, 0);
      new DistributedTrainer(spark, settings, new TrainingListener() {})
          .fit(network, shards, null, null, null);
    }
    return network;
  }

  @Test
  void goesBackToBeforeTheRoundAndHalvesTheRate() {
    MultiLayerNetwork rewound = train(3, STEPS + 2, STEPS + 3, 1);

    assertThat(heard)
        .containsExactly(
            "Training diverged in epoch 2, round 1, on worker 0: the loss of minibatch 3 is NaN 1/1");
    assertSame(rewound, reference(0.5));
    assertThat(rewound.getLayerWiseConfigurations().toJson()).contains("ScaledRate", "0.5");
  }

  @Test
  void halvesAgainUpToTheLimit() {
    MultiLayerNetwork rewound = train(3, STEPS, STEPS + 2, 2);

    assertThat(heard).hasSize(2);
    assertSame(rewound, reference(0.25));
  }

  @Test
  void afterTheLimitItFailsAndSaysSo() {
    assertThatThrownBy(() -> train(3, STEPS, Integer.MAX_VALUE, 2))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            "Training diverged in epoch 2, round 1, on worker 0: the loss of minibatch 1 is NaN."
                + " Halving the learning rate 2 times did not help. Try a much lower one, or look"
                + " for invalid rows in the input");
  }

  @Test
  void stoppedTrainingKeepsTheLastGoodState() {
    assertThatThrownBy(() -> train(3, STEPS, STEPS + 1, 0)).isInstanceOf(TrainingException.class);

    MultiLayerNetwork resumed = train(3, -1, -1, 0);

    // Of three epochs, two were left.
    assertThat(PoisonedShard.CALLS).hasValue(2 * STEPS);
    assertSame(resumed, reference(1));
  }

  @Test
  void resumedTrainingKeepsTheHalvedRate() {
    assertThatThrownBy(() -> train(3, STEPS, STEPS + 2, 1)).isInstanceOf(TrainingException.class);

    assertSame(train(3, -1, -1, 1), reference(0.5));
  }
}
