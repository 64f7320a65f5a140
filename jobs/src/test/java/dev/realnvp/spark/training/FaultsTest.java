package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static dev.realnvp.spark.training.SmallNetwork.parameters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Shard;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

class FaultsTest {

  private final JavaSparkContext spark = LocalSpark.context();

  private MultiLayerNetwork train(
      MultiLayerNetwork network, List<? extends Shard> shards, int epochs, Master master) {
    JavaRDD<Shard> rdd = spark.parallelize(List.<Shard>copyOf(shards), shards.size());
    new DistributedTrainer(
            spark, new TrainingSettings(epochs, 4, 3, 11, master, 0), new TrainingListener() {})
        .fit(network, rdd, null, null, null);
    return network;
  }

  /** Fails the first attempt at the minibatch that has row 0, in each epoch. */
  private static final class FailingShard extends ArrayShard {
    static final AtomicInteger FAILURES = new AtomicInteger();

    FailingShard(ArrayShard rows) {
      super(rows.features, rows.labels);
    }

    @Override
    public DataSet batch(long[] rows) {
      if (TaskContext.get().attemptNumber() == 0 && Arrays.stream(rows).anyMatch(r -> r == 0)) {
        FAILURES.incrementAndGet();
        throw new IllegalStateException("disk gone");
      }
      return super.batch(rows);
    }
  }

  @Test
  void failedTasksLeaveNoTrace() {
    ArrayShard first = ArrayShard.random(30, 1);
    ArrayShard second = ArrayShard.random(22, 2);
    MultiLayerNetwork undisturbed =
        train(SmallNetwork.adam(), List.of(first, second), 3, Master.AVERAGING);
    MultiLayerNetwork disturbed =
        train(SmallNetwork.adam(), List.of(first, new FailingShard(second)), 3, Master.AVERAGING);

    assertThat(FailingShard.FAILURES).hasValue(3);
    assertSame(disturbed, undisturbed);
  }

  @Test
  void lossThatIsNoNumberNamesItsPlace() {
    ArrayShard good = ArrayShard.random(30, 1);
    ArrayShard bad = ArrayShard.random(30, 2);
    long[] order = Simulation.order(11, 0, 1, 30);
    bad.features[(int) order[4 * 4]][2] = Float.NaN; // the fifth minibatch, in round 2
    MultiLayerNetwork network = SmallNetwork.adam();
    float[] before = parameters(network);

    assertThatThrownBy(() -> train(network, List.of(good, bad), 1, Master.AVERAGING))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            "Training diverged in epoch 1, round 2, on worker 1: the loss of minibatch 5 is NaN."
                + " Try a lower learning rate, or look for invalid rows in the input");
    assertThat(parameters(network)).isEqualTo(before);
  }

  @Test
  void lastStepThatOverflowsIsSeen() {
    MultiLayerNetwork network = SmallNetwork.create(new Sgd(Double.MAX_VALUE));

    assertThatThrownBy(() -> train(network, ArrayShard.randomOf(4), 1, Master.AVERAGING))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("worker 0: parameters are not finite after minibatch 1");
  }

  static boolean hasStockMaster() {
    return Master.STOCK.isIncluded();
  }

  /** DL4J's Spark module exists for this one alone. */
  @Test
  void stockMasterIsInTheBuildForSpark35() {
    assertThat(hasStockMaster()).isEqualTo(spark.version().startsWith("3.5."));
  }

  @Test
  @EnabledIf("hasStockMaster")
  void stockMasterRefusesLossThatIsNoNumber() {
    ArrayShard bad = ArrayShard.random(8, 2);
    for (float[] row : bad.features) {
      row[0] = Float.NaN;
    }

    assertThatThrownBy(() -> train(SmallNetwork.adam(), List.of(bad), 1, Master.STOCK))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("epoch 1");
  }

  @ParameterizedTest
  @EnumSource(Master.class)
  void noRowsIsAnError(Master master) {
    assertThatThrownBy(() -> train(SmallNetwork.adam(), ArrayShard.randomOf(0, 0), 1, master))
        .isInstanceOf(TrainingException.class)
        .hasMessage("No rows to train on: all 2 partitions are empty");
  }

  @Test
  void twoShardsInPartitionIsAnError() {
    JavaRDD<Shard> rdd = spark.parallelize(ArrayShard.randomOf(3, 3), 1);

    assertThatThrownBy(() -> DistributedTrainer.sizes(rdd))
        .hasStackTraceContaining("Partition 0 holds more than one shard");
  }

  @Test
  void doubleNetworkIsAnError() {
    MultiLayerNetwork network = SmallNetwork.create(new Adam(0.01), DataType.DOUBLE);

    assertThatThrownBy(() -> train(network, ArrayShard.randomOf(4), 1, Master.AVERAGING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot train a network of DOUBLE on Spark, expected FLOAT");
  }
}
