package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

/** Training of a network whose layers have stages. */
class EngineTest {

  private static final TrainingSettings SETTINGS =
      new TrainingSettings(2, 8, 3, 11, Master.AVERAGING, 0);

  private final JavaSparkContext spark = LocalSpark.context();

  private static Shard shard(int rows, long seed) {
    return FlowShard.random(rows, ArrayShard.FEATURES, seed);
  }

  /**
   * Without batch norm: a bias before one has a gradient of zero but for rounding, of which Adam
   * makes whole steps.
   */
  private static MultiLayerNetwork flow() {
    RealNVPConfig config =
        RealNVPConfig.builder(ArrayShard.FEATURES, 0, 3, List.of(8, 8))
            .batchNorm(false)
            .seed(5)
            .build();
    return RealNVP.create(config, new Optimizer(1e-3, Schedule.COSINE, 100, 1e-5)).network();
  }

  private List<EpochStats> train(MultiLayerNetwork network, List<Shard> shards) {
    return new DistributedTrainer(spark, SETTINGS, new TrainingListener() {})
        .fit(network, spark.parallelize(shards, shards.size()), null, null, null);
  }

  @Test
  void aFlowIsFittedByTheEngine() {
    assertThat(Fitter.of(flow(), 0)).isInstanceOf(Fitter.OfLearner.class);
    assertThat(Fitter.of(SmallNetwork.create(new org.nd4j.linalg.learning.config.Adam(0.01)), 0))
        .isInstanceOf(Fitter.OfNetwork.class);
  }

  @Test
  void oneWorkerEqualsTheSingleMachineToRounding() {
    Shard shard = shard(53, 1);
    MultiLayerNetwork expected = flow();
    Simulation.fitAlone(expected, shard, SETTINGS);

    MultiLayerNetwork actual = flow();
    train(actual, List.of(shard));

    assertThat(SmallNetwork.parameters(actual))
        .containsExactly(SmallNetwork.parameters(expected), within(2e-5f));
    SmallNetwork.assertSameCounts(actual, expected);
  }

  /** A difference in a last bit may round a moment to another neighbour of 16 bits. */
  @Test
  void workersEqualThePlainAveragingToRounding() {
    List<Shard> shards = List.of(shard(20, 1), shard(33, 2));
    MultiLayerNetwork expected = flow();
    Simulation.fit(expected, shards, SETTINGS);

    MultiLayerNetwork actual = flow();
    train(actual, shards);

    assertThat(SmallNetwork.parameters(actual))
        .containsExactly(SmallNetwork.parameters(expected), within(1e-4f));
    assertThat(SmallNetwork.updater(actual))
        .containsExactly(SmallNetwork.updater(expected), within(1e-2f));
  }

  @Test
  void sameSeedGivesTheSameBits() {
    List<Shard> shards = List.of(shard(20, 1), shard(33, 2));
    MultiLayerNetwork once = flow();
    MultiLayerNetwork again = flow();
    List<EpochStats> history = train(once, shards);
    assertThat(train(again, shards))
        .extracting(EpochStats::trainLoss)
        .isEqualTo(history.stream().map(EpochStats::trainLoss).toList());
    SmallNetwork.assertSame(again, once);
  }

  @Test
  void lossOutsideOfTrainingIsDl4js() {
    MultiLayerNetwork network = flow();
    Shard shard = shard(21, 3);
    double expected = network.score(shard.batch(new long[] {1, 5, 20}), false);

    Fitter fitter = Fitter.of(network, 0);
    fitter.restore(NetworkState.parametersOf(network));

    assertThat(fitter.loss(shard, new long[] {1, 5, 20})).isCloseTo(expected, within(1e-5));
  }
}
