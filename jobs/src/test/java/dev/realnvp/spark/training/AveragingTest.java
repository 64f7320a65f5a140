package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static dev.realnvp.spark.training.SmallNetwork.assertSameCounts;
import static dev.realnvp.spark.training.SmallNetwork.parameters;
import static dev.realnvp.spark.training.SmallNetwork.updater;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Shard;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

class AveragingTest {

  private final JavaSparkContext spark = LocalSpark.context();

  private JavaRDD<Shard> rdd(List<Shard> shards) {
    return spark.parallelize(shards, shards.size());
  }

  private MultiLayerNetwork train(
      MultiLayerNetwork network, JavaRDD<Shard> shards, TrainingSettings settings) {
    new DistributedTrainer(spark, settings, new TrainingListener() {})
        .fit(network, shards, null, null, null);
    return network;
  }

  private static TrainingSettings settings(int epochs, int batch, int interval) {
    return new TrainingSettings(epochs, batch, interval, 11, Master.AVERAGING, 0);
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "100"})
  void oneWorkerEqualsTheSingleMachine(int interval) {
    TrainingSettings settings = settings(3, 8, interval);
    Shard shard = ArrayShard.random(53, 1);
    MultiLayerNetwork expected = SmallNetwork.adam();
    Simulation.fitAlone(expected, shard, settings);

    MultiLayerNetwork actual = train(SmallNetwork.adam(), rdd(List.of(shard)), settings);

    assertSame(actual, expected);
    assertThat(actual.getIterationCount()).isEqualTo(3 * 7);
    assertThat(actual.getEpochCount()).isEqualTo(3);
  }

  @Test
  void anIntervalMustBeChosen() {
    assertThatThrownBy(
            () -> train(SmallNetwork.adam(), rdd(ArrayShard.randomOf(9, 9)), settings(1, 3, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "averaging interval: got 0, expected at least 1; TrainingPlan.forRows chooses one");
  }

  @Test
  void workersWithSgdEqualOneWithLargerMinibatches() {
    TrainingSettings settings = settings(2, 8, 1);
    List<Shard> shards = ArrayShard.randomOf(40, 40, 40);
    MultiLayerNetwork expected = SmallNetwork.create(new Sgd(0.5));
    for (int epoch = 0; epoch < 2; epoch++) {
      for (int step = 0; step < 5; step++) {
        List<DataSet> parts = new ArrayList<>();
        for (int worker = 0; worker < 3; worker++) {
          long[] rows = Simulation.batches(settings, epoch, worker, 40, 5).get(step);
          parts.add(shards.get(worker).batch(rows));
        }
        expected.fit(DataSet.merge(parts));
      }
    }

    MultiLayerNetwork actual = train(SmallNetwork.create(new Sgd(0.5)), rdd(shards), settings);

    assertThat(parameters(actual)).containsExactly(parameters(expected), within(1e-5f));
    assertThat(actual.getIterationCount()).isEqualTo(10);
  }

  @ParameterizedTest(name = "sizes {0},{1},{2},{3}, batch {4}, averaging every {5}")
  @CsvSource({
    "7, 10, 0, 25, 5, 2", // uneven, one empty
    "1, 0, 1, 1, 4, 3", // more workers than rows
    "9, 4, 30, 2, 4, 100", // the interval is longer than the epoch
    "0, 0, 0, 6, 4, 1", // all rows in the last partition, last minibatch short
  })
  void meanIsWeightedByExamples(int a, int b, int c, int d, int batch, int interval) {
    TrainingSettings settings = settings(3, batch, interval);
    List<Shard> shards = ArrayShard.randomOf(a, b, c, d);
    MultiLayerNetwork expected = SmallNetwork.adam();
    Simulation.fit(expected, shards, settings);

    MultiLayerNetwork actual = train(SmallNetwork.adam(), rdd(shards), settings);

    assertThat(parameters(actual)).containsExactly(parameters(expected), within(1e-6f));
    assertThat(updater(actual)).containsExactly(updater(expected), within(1e-6f));
    assertSameCounts(actual, expected);
  }

  @Test
  void partitionsWithoutShardCountAsEmpty() {
    TrainingSettings settings = settings(2, 4, 2);
    List<Shard> shards = ArrayShard.randomOf(0, 9, 14);
    JavaRDD<Shard> withoutEmpty = rdd(shards).filter(shard -> shard.size() > 0);

    MultiLayerNetwork actual = train(SmallNetwork.adam(), withoutEmpty, settings);

    assertThat(DistributedTrainer.sizes(withoutEmpty)).containsExactly(0, 9, 14);
    assertSame(actual, train(SmallNetwork.adam(), rdd(shards), settings));
  }

  @Test
  void sameSeedGivesTheSameBits() {
    JavaRDD<Shard> shards = rdd(ArrayShard.randomOf(31, 20));
    TrainingSettings settings = settings(2, 4, 2);
    TrainingSettings otherSeed = new TrainingSettings(2, 4, 2, 12, Master.AVERAGING, 0);
    MultiLayerNetwork once = train(SmallNetwork.adam(), shards, settings);
    MultiLayerNetwork again = train(SmallNetwork.adam(), shards, settings);
    MultiLayerNetwork other = train(SmallNetwork.adam(), shards, otherSeed);

    assertSame(again, once);
    assertThat(parameters(other)).isNotEqualTo(parameters(once));
  }

  @Test
  void trainingInTwoCallsEqualsOne() {
    JavaRDD<Shard> shards = rdd(ArrayShard.randomOf(31, 20));
    MultiLayerNetwork whole = train(SmallNetwork.adam(), shards, settings(4, 4, 2));
    MultiLayerNetwork halves = train(SmallNetwork.adam(), shards, settings(2, 4, 2));
    train(halves, shards, settings(2, 4, 2));

    assertSame(halves, whole);
  }
}
