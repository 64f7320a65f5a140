package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Shard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trainings whose validation loss is told them: it is lowest after the third of ten epochs. */
class EarlyStoppingTest {

  private static final double[] LOSSES = {5, 4, 2, 3, Double.NaN, 2, 9, 9, 9, 9};
  private static final int[] SIZES = {25, 18};

  private static List<Shard.Extent> extents() {
    return IntStream.of(SIZES).mapToObj(Shard.Extent::whole).toList();
  }

  private final JavaSparkContext spark = LocalSpark.context();

  @TempDir private Path folder;

  /** Notes the states after each epoch, and fails after one as the driver's death would. */
  private static final class Notes implements TrainingListener {
    final List<String> kept = new ArrayList<>();
    private final int lastEpoch;

    Notes(int lastEpoch) {
      this.lastEpoch = lastEpoch;
    }

    @Override
    public void epochDone(EpochStats stats) {
      if (stats.epoch() == lastEpoch) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    public void bestKept(EpochStats best, EpochStats last) {
      kept.add(best.epoch() + " of " + last.epoch() + ", " + best.validationLoss());
    }
  }

  private static MultiLayerNetwork network() {
    return SmallNetwork.create(new Optimizer(0.02, Schedule.COSINE, 70, 5, 0).updater());
  }

  private static TrainingSettings settings(int epochs, Master master, int patience) {
    return new TrainingSettings(epochs, 4, 3, 11, master, 0, 0, patience);
  }

  private List<EpochStats> fit(
      MultiLayerNetwork network,
      TrainingSettings settings,
      TrainingListener listener,
      Checkpoints checkpoints) {
    JavaRDD<Shard> shards = spark.parallelize(ArrayShard.randomOf(SIZES), SIZES.length);
    return new DistributedTrainer(spark, settings, listener)
        .fit(network, shards, null, n -> LOSSES[n.getEpochCount()], checkpoints);
  }

  @ParameterizedTest
  @EnumSource(Master.class)
  void stopsWhenPatienceIsOverAndKeepsTheBestEpoch(Master master) {
    assumeTrue(master.isIncluded());
    MultiLayerNetwork third = network();
    fit(third, settings(3, master, 0), new TrainingListener() {}, null);
    Notes notes = new Notes(0);
    MultiLayerNetwork stopped = network();

    List<EpochStats> history = fit(stopped, settings(10, master, 4), notes, null);

    assertThat(history)
        .extracting(EpochStats::validationLoss)
        .containsExactly(5., 4., 2., 3., Double.NaN, 2., 9.);
    assertThat(notes.kept).containsExactly("3 of 7, 2.0");
    SmallNetwork.assertSame(stopped, third);
  }

  @Test
  void withoutPatienceAllEpochsAreDoneAndTheBestIsKept() {
    MultiLayerNetwork third = network();
    fit(third, settings(3, Master.AVERAGING, 0), new TrainingListener() {}, null);
    Notes notes = new Notes(0);
    MultiLayerNetwork network = network();

    assertThat(fit(network, settings(10, Master.AVERAGING, 0), notes, null)).hasSize(10);

    assertThat(notes.kept).containsExactly("3 of 10, 2.0");
    SmallNetwork.assertSame(network, third);
  }

  /** Here the loss falls to the end. */
  @Test
  void theLastEpochIsKeptWithoutAWordIfItIsTheBest() {
    Notes notes = new Notes(0);
    fit(network(), settings(3, Master.AVERAGING, 0), notes, null);
    assertThat(notes.kept).isEmpty();
  }

  /** Killed before the best epoch, after it, while it is bettered by none, and at the end. */
  @Test
  void goesOnBitForBitAfterAnyEpoch() {
    MultiLayerNetwork undisturbed = network();
    fit(undisturbed, settings(10, Master.AVERAGING, 4), new TrainingListener() {}, null);
    for (int epoch : new int[] {2, 3, 5, 7}) {
      Checkpoints checkpoints =
          new Checkpoints(
              new Configuration(), folder.toString(), "small", 1, 1, Map.of("epoch", "" + epoch));
      Notes killed = new Notes(epoch);
      assertThatThrownBy(
              () -> fit(network(), settings(10, Master.AVERAGING, 4), killed, checkpoints))
          .hasMessage("killed");
      Notes notes = new Notes(0);
      MultiLayerNetwork resumed = network();

      List<EpochStats> history =
          fit(resumed, settings(10, Master.AVERAGING, 4), notes, checkpoints);

      assertThat(history).hasSize(7);
      assertThat(notes.kept).containsExactly("3 of 7, 2.0");
      SmallNetwork.assertSame(resumed, undisturbed);
    }
  }

  @Test
  void otherPatienceIsAnotherTraining() {
    assertThat(settings(10, Master.AVERAGING, 4).identity(network(), extents()))
        .isNotEqualTo(settings(10, Master.AVERAGING, 5).identity(network(), extents()));
  }

  @Test
  void whatNeedsValidationOrTheEngineIsRefusedWithout() {
    JavaRDD<Shard> shards = spark.parallelize(ArrayShard.randomOf(SIZES), SIZES.length);
    DistributedTrainer stopping =
        new DistributedTrainer(spark, settings(10, Master.AVERAGING, 4), new TrainingListener() {});
    assertThatThrownBy(() -> stopping.fit(network(), shards, null, null, null))
        .hasMessage("Cannot stop early after 4 epochs without validation");
    TrainingSettings clip = new TrainingSettings(1, 4, 3, 11, Master.AVERAGING, 0, 0.5, 0);
    DistributedTrainer clipping = new DistributedTrainer(spark, clip, new TrainingListener() {});
    assertThatThrownBy(() -> clipping.fit(network(), shards, null, null, null))
        .hasMessageStartingWith("Cannot clip the gradients of a network");
    assertThatThrownBy(() -> new TrainingSettings(1, 4, 3, 11, Master.STOCK, 0, 0.5, 0))
        .hasMessage("Cannot clip gradients with the stock master");
  }

  @Test
  void bestIsTheFirstOfTheLowest() {
    List<EpochStats> history =
        IntStream.range(0, LOSSES.length)
            .mapToObj(e -> new EpochStats(e + 1, 1, 0, 0, 1, 1, LOSSES[e]))
            .toList();
    assertThat(EpochStats.best(history)).isEqualTo(3);
    assertThat(EpochStats.best(history.subList(4, 5))).isZero();
    assertThat(settings(10, Master.AVERAGING, 4).stops(history.subList(0, 6))).isFalse();
    assertThat(settings(10, Master.AVERAGING, 4).stops(history.subList(0, 7))).isTrue();
    assertThat(settings(10, Master.AVERAGING, 1).stops(history.subList(4, 5))).isFalse();
  }
}
