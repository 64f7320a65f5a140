package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Schedules see the steps of a worker, whichever round and wherever they are in. */
class ScheduleTest {

  private final JavaSparkContext spark = LocalSpark.context();

  private static final Set<Integer> ITERATIONS = new ConcurrentSkipListSet<>();
  private static final Set<Integer> EPOCHS = new ConcurrentSkipListSet<>();

  /** From 0.02 down to 0 in a half cosine over {@code total} steps; notes what it is asked for. */
  static class HalfCosine implements ISchedule {
    @JsonProperty("total")
    private final long total;

    HalfCosine(@JsonProperty("total") long total) {
      this.total = total;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
      ITERATIONS.add(iteration);
      EPOCHS.add(epoch);
      return 0.01 * (1 + Math.cos(Math.PI * iteration / total));
    }

    @Override
    public ISchedule clone() {
      return new HalfCosine(total);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof HalfCosine schedule && schedule.total == total;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(total);
    }
  }

  @BeforeEach
  void forget() {
    ITERATIONS.clear();
    EPOCHS.clear();
  }

  @Test
  void oneWorkerEqualsTheSingleMachine() {
    TrainingSettings settings = new TrainingSettings(3, 4, 2, 1, Master.AVERAGING, 0);
    Shard shard = ArrayShard.random(18, 1);
    MultiLayerNetwork expected = SmallNetwork.create(new Adam(new HalfCosine(15)));
    Simulation.fitAlone(expected, shard, settings);
    MultiLayerNetwork actual = SmallNetwork.create(new Adam(new HalfCosine(15)));
    forget();

    new DistributedTrainer(spark, settings, new TrainingListener() {})
        .fit(actual, spark.parallelize(List.of(shard), 1), null, null, null);

    SmallNetwork.assertSame(actual, expected);
  }

  @Test
  void unevenWorkersRunThroughAllStepsOnce() {
    TrainingSettings settings = new TrainingSettings(3, 4, 2, 1, Master.AVERAGING, 0);
    int[] sizes = {18, 5, 0, 9};
    long total = Minibatches.totalSteps(IntStream.of(sizes).asLongStream().toArray(), 4, 3);
    MultiLayerNetwork network = SmallNetwork.create(new Adam(new HalfCosine(total)));
    forget();

    new DistributedTrainer(spark, settings, new TrainingListener() {})
        .fit(network, spark.parallelize(ArrayShard.randomOf(sizes), 4), null, null, null);

    assertThat(total).isEqualTo(15);
    assertThat(ITERATIONS).containsExactlyElementsOf(IntStream.range(0, 15).boxed().toList());
    assertThat(EPOCHS).containsExactly(0, 1, 2);
    assertThat(network.getIterationCount()).isEqualTo(15);
  }
}
