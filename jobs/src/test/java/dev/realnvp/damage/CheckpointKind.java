package dev.realnvp.damage;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.DistributedTrainer;
import dev.realnvp.spark.training.Master;
import dev.realnvp.spark.training.Shard;
import dev.realnvp.spark.training.TrainingListener;
import dev.realnvp.spark.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.io.file.PathUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The checkpoints of a training that was interrupted in the last of its epochs. Whatever has
 * happened to them, the training ends with the same parameters.
 */
enum CheckpointKind implements InputKind {
  CHECKPOINTS;

  private static final TrainingSettings SETTINGS =
      new TrainingSettings(3, 8, 2, 1, Master.AVERAGING, 0);

  /** Ends a training after its second epoch. */
  private static final class Interruption extends RuntimeException {}

  @Override
  public void make(SparkSession spark, Path folder) throws IOException {
    TrainingListener interrupter =
        new TrainingListener() {
          @Override
          public void epochDone(EpochStats stats) {
            if (stats.epoch() == 2) {
              throw new Interruption();
            }
          }
        };
    try {
      train(spark, folder, interrupter);
    } catch (Interruption e) {
      Cases.deleteHadoopSums(folder);
    }
  }

  @Override
  public Object read(SparkSession spark, Path folder) throws IOException {
    // A training that goes on writes checkpoints of its own.
    Path temporary = Files.createTempDirectory("checkpoints");
    Path copy = temporary.resolve("copy");
    try {
      if (Files.isDirectory(folder)) {
        Files.createDirectory(copy);
      }
      Cases.copy(folder, copy);
      return train(spark, copy, new TrainingListener() {});
    } finally {
      PathUtils.deleteDirectory(temporary);
    }
  }

  private static Object train(SparkSession spark, Path folder, TrainingListener listener) {
    MultiLayerNetwork network =
        RealNVP.create(
                RealNVPConfig.builder(2, 0, 2, List.of(4)).seed(1).build(),
                new Optimizer(1e-3, Schedule.COSINE, 15, 0))
            .network();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    new DistributedTrainer(context, SETTINGS, listener)
        .fit(
            network,
            shards(spark),
            null,
            null,
            new Checkpoints(new Configuration(), folder.toString(), "flow", 1, 2, Map.of()));
    return List.of(network.params().toString(), network.getIterationCount());
  }

  private static JavaRDD<Shard> shards(SparkSession spark) {
    List<Row> rows =
        IntStream.range(0, 40)
            .mapToObj(i -> RowFactory.create((long) i, "train", null, new float[] {i % 7, i % 5}))
            .toList();
    return Shards.embeddings(
            spark.createDataFrame(rows, Embeddings.SCHEMA),
            Map.of("train", (long) rows.size()),
            2,
            0,
            0,
            1,
            1)
        .get("train");
  }

  @Override
  public boolean notices(Damage damage) {
    return true;
  }
}
