package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.rows.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small trainings that can be interrupted, and their checkpoints. An epoch here has 7 steps: rounds
 * of 3, 3 and 1.
 */
abstract class InterruptedTrainings {

  /** Of a training that is not interrupted. */
  static final int ROUNDS = 9;

  /** The rows of the one worker. */
  static final int[] ONE_WORKER = {25};

  private final JavaSparkContext spark = LocalSpark.context();

  @TempDir Path folder;

  static MultiLayerNetwork network() {
    return SmallNetwork.create(new Optimizer(0.02, Schedule.COSINE, 21, 0).updater());
  }

  Checkpoints checkpoints(int everyRounds, Map<String, String> identity) {
    return new Checkpoints(
        new Configuration(), folder.toString(), "small", everyRounds, 2, identity);
  }

  List<EpochStats> fit(
      MultiLayerNetwork network,
      int[] sizes,
      Master master,
      TrainingListener listener,
      Checkpoints checkpoints) {
    JavaRDD<Shard> shards = spark.parallelize(ArrayShard.randomOf(sizes), sizes.length);
    return new DistributedTrainer(spark, new TrainingSettings(3, 4, 3, 11, master, 0), listener)
        .fit(network, shards, null, Validation.on(shards, 10), checkpoints);
  }

  /** Trains until the round, and leaves checkpoints. */
  void interrupt(int[] sizes, int round, Checkpoints checkpoints) {
    assertThatThrownBy(
            () -> fit(network(), sizes, Master.AVERAGING, new Interrupter(round), checkpoints))
        .hasMessage("killed");
  }

  static void assertSameHistory(List<EpochStats> actual, List<EpochStats> expected) {
    assertThat(actual)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields(
            "seconds", "averagingSeconds", "waitingSeconds")
        .isEqualTo(expected);
  }

  List<Path> files() throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(file -> file.toString().endsWith(".ckpt"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  /** Of one worker. */
  MultiLayerNetwork undisturbed() {
    MultiLayerNetwork network = network();
    fit(network, ONE_WORKER, Master.AVERAGING, new TrainingListener() {}, null);
    return network;
  }

  /** Without Hadoop's own checksum, which other file systems do not have. */
  static void replace(Path file, byte[] bytes) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, bytes);
  }
}
