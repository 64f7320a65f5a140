package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Shard;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A flow of a table whose rows are no multiple of the minibatch is as good as one of a table whose
 * rows are: no minibatch spoils the batch norms' running statistics, by which held-out rows are
 * judged. The parameters hardly move, so that the statistics make all of the difference.
 */
class RemainderTest {

  private static final int FEATURES = 20;
  private static final int BATCH = 200;
  private static final int STEPS = 30;

  /** Nats per row; a last minibatch of two rows costs about 0.1. */
  private static final double TOLERANCE = 0.005;

  private final JavaSparkContext spark = LocalSpark.context();
  private final Shard heldOut = FlowShard.random(1000, FEATURES, 99);

  private double validation(Master master, int... sizes) {
    RealNVPConfig config = RealNVPConfig.builder(FEATURES, 0, 4, List.of(8)).seed(5).build();
    MultiLayerNetwork network =
        RealNVP.create(config, new Optimizer(1e-6, Schedule.CONSTANT, 1, 0)).network();
    List<Shard> shards =
        IntStream.range(0, sizes.length)
            .mapToObj(i -> FlowShard.random(sizes[i], FEATURES, i))
            .toList();
    JavaRDD<Shard> validation = spark.parallelize(List.of(heldOut), 1);
    TrainingSettings settings = new TrainingSettings(2, BATCH, 100, 11, master, 0);
    return new DistributedTrainer(spark, settings, new TrainingListener() {})
        .fit(
            network,
            spark.parallelize(shards, sizes.length),
            null,
            Validation.on(validation, 100),
            null)
        .get(1)
        .validationLoss();
  }

  /** A round, or a split of the stock master, is the whole epoch. */
  @ParameterizedTest
  @CsvSource({"AVERAGING, 2", "STOCK, 2"})
  void oneWorkersRemainderDoesNoHarm(Master master, int rest) {
    assumeTrue(master.isIncluded());
    assertThat(validation(master, BATCH * STEPS + rest))
        .isCloseTo(validation(master, BATCH * STEPS), within(TOLERANCE));
  }

  @ParameterizedTest
  @CsvSource({"AVERAGING, 1"})
  void twoWorkersRemainderDoesNoHarm(Master master, int rest) {
    int rows = 2 * BATCH * STEPS + rest;
    assertThat(validation(master, (rows + 1) / 2, rows / 2))
        .isCloseTo(validation(master, BATCH * STEPS, BATCH * STEPS), within(TOLERANCE));
  }
}
