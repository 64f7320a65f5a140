package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.nd4j.linalg.dataset.DataSet;

/** Losses, progress, and the stock master. */
class ReportingTest {

  private static final class Recorder implements TrainingListener {
    final List<List<Long>> rounds = new ArrayList<>();
    final List<Double> losses = new ArrayList<>();
    final List<EpochStats> epochs = new ArrayList<>();

    @Override
    public void roundDone(int epoch, long done, long rows, double loss) {
      rounds.add(List.of((long) epoch, done, rows));
      losses.add(loss);
    }

    @Override
    public void epochDone(EpochStats stats) {
      epochs.add(stats);
    }
  }

  private final JavaSparkContext spark = LocalSpark.context();
  private final Recorder recorder = new Recorder();
  private final MultiLayerNetwork network = SmallNetwork.adam();

  private JavaRDD<Shard> rdd(int... sizes) {
    return spark.parallelize(ArrayShard.randomOf(sizes), sizes.length);
  }

  private List<EpochStats> train(
      JavaRDD<Shard> shards, TrainingSettings settings, Validation validation) {
    return new DistributedTrainer(spark, settings, recorder)
        .fit(network, shards, null, validation, null);
  }

  @Test
  void progressCoversEveryRoundAndRow() {
    TrainingSettings settings = new TrainingSettings(2, 4, 3, 1, Master.AVERAGING, 0);

    List<EpochStats> history = train(rdd(10, 25, 0), settings, null);

    // ceil(25 / 4) = 7 steps: rounds of 3, 3 and 1. The first worker's steps are of 1, 1, 2 rows,
    // of 1, 2, 1 and of 2, the second one's of 3, 4, 3, of 4, 3, 4 and of 4.
    assertThat(recorder.rounds)
        .containsExactly(
            List.of(1L, 14L, 35L),
            List.of(1L, 29L, 35L),
            List.of(1L, 35L, 35L),
            List.of(2L, 14L, 35L),
            List.of(2L, 29L, 35L),
            List.of(2L, 35L, 35L));
    assertThat(recorder.epochs).isEqualTo(history);
    assertThat(history).extracting(EpochStats::epoch).containsExactly(1, 2);
    assertThat(history).extracting(EpochStats::examples).containsExactly(35L, 35L);
    assertThat(history)
        .allMatch(stats -> stats.averagingSeconds() > 0)
        .allMatch(stats -> stats.averagingSeconds() < stats.seconds());
    // Of the three workers one has nothing to fit at all, and of two the slower waits for none.
    assertThat(history)
        .allSatisfy(
            stats -> {
              double fitting = stats.seconds() - stats.averagingSeconds();
              assertThat(stats.waitingSeconds()).isBetween(0.99 * fitting / 3, fitting * 2 / 3);
            });
  }

  @Test
  void oneWorkerWaitsForNone() {
    TrainingSettings settings = new TrainingSettings(1, 4, 3, 1, Master.AVERAGING, 0);

    assertThat(train(rdd(25), settings, null).get(0).waitingSeconds()).isZero();
  }

  @Test
  void trainLossIsTheMeanOverExamplesBeforeEachStep() {
    TrainingSettings settings = new TrainingSettings(1, 4, 100, 1, Master.AVERAGING, 0);
    double sum = 0;
    List<Shard> shards = ArrayShard.randomOf(10, 3);
    for (int worker = 0; worker < 2; worker++) {
      MultiLayerNetwork copy = network.clone();
      Shard shard = shards.get(worker);
      int steps = Simulation.steps(settings, shards);
      for (long[] rows : Simulation.batches(settings, 0, worker, shard.size(), steps)) {
        DataSet batch = shard.batch(rows);
        sum += rows.length * copy.score(batch);
        copy.fit(batch);
      }
    }

    EpochStats stats = train(rdd(10, 3), settings, null).get(0);

    assertThat(stats.trainLoss()).isCloseTo(sum / 13, within(1e-6));
    assertThat(stats.validationLoss()).isNaN();
    assertThat(recorder.losses.get(0)).isEqualTo(stats.trainLoss());
  }

  @Test
  void validationSeesTheNetworkOfEachEpoch() {
    TrainingSettings settings = new TrainingSettings(3, 4, 2, 1, Master.AVERAGING, 0);
    JavaRDD<Shard> heldOut = rdd(6, 1);
    List<Double> direct = new ArrayList<>();

    List<EpochStats> history =
        train(
            rdd(20, 20),
            settings,
            trained -> {
              direct.add(Validation.on(heldOut, 5).loss(trained));
              return Validation.on(heldOut, 5).loss(trained);
            });

    assertThat(history).extracting(EpochStats::validationLoss).isEqualTo(direct);
    assertThat(direct).doesNotHaveDuplicates();
  }

  @Test
  void scoreIsTheLossOfAllRowsAtOnce() {
    List<DataSet> all = new ArrayList<>();
    for (Shard shard : ArrayShard.randomOf(17, 1, 9)) {
      all.add(shard.batch(LongStream.range(0, shard.size()).toArray()));
    }

    assertThat(Validation.on(rdd(17, 1, 9, 0), 4).loss(network))
        .isCloseTo(network.score(DataSet.merge(all)), within(1e-6));
  }

  @Test
  void scoreOfNoRowsIsAnError() {
    assertThatThrownBy(() -> Validation.on(rdd(0, 0), 4).loss(network))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("No rows");
  }

  @Test
  void cachedShardsStayCachedAndOthersDoNot() {
    TrainingSettings settings = new TrainingSettings(1, 4, 2, 1, Master.AVERAGING, 0);
    JavaRDD<Shard> cached = rdd(8, 8).persist(StorageLevel.MEMORY_ONLY());
    JavaRDD<Shard> uncached = rdd(8, 8);

    train(cached, settings, null);
    train(uncached, settings, null);

    assertThat(cached.getStorageLevel()).isEqualTo(StorageLevel.MEMORY_ONLY());
    assertThat(uncached.getStorageLevel()).isEqualTo(StorageLevel.NONE());
    cached.unpersist();
  }

  @Test
  @EnabledIf("dev.realnvp.spark.training.FaultsTest#hasStockMaster")
  void stockMasterTrainsAndKeepsTheUpdaterState() {
    JavaRDD<Shard> shards = rdd(60, 41);
    TrainingSettings settings = new TrainingSettings(4, 5, 3, 1, Master.STOCK, 0);
    double before = Validation.on(shards, 50).loss(network);

    List<EpochStats> history = train(shards, settings, Validation.on(shards, 50));

    assertThat(history).hasSize(4);
    assertThat(history.get(3).validationLoss()).isLessThan(0.8 * before);
    assertThat(history).extracting(EpochStats::examples).containsOnly(101L);
    assertThat(recorder.epochs).isEqualTo(history);
    assertThat(SmallNetwork.updater(network)).doesNotContain(0f);
    assertThat(network.getIterationCount()).isEqualTo(4 * 12);
    assertThat(network.getEpochCount()).isEqualTo(4);
  }
}
