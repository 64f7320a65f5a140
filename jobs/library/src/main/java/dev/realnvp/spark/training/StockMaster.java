package dev.realnvp.spark.training;

import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Shard;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * {@link Master#STOCK}. A service, since the build for Spark 4, which DL4J's module does not know,
 * leaves it out.
 */
interface StockMaster {

  /** The one of this build, if it has one. */
  static Optional<StockMaster> find() {
    return ServiceLoader.load(StockMaster.class, StockMaster.class.getClassLoader()).findFirst();
  }

  /**
   * Trains a complete epoch.
   *
   * @param from where the training stands
   * @return the same at the end of that epoch; the network holds the state
   * @throws TrainingException if the loss is no longer finite
   */
  Checkpoint epoch(
      JavaSparkContext spark,
      TrainingSettings settings,
      MultiLayerNetwork network,
      JavaRDD<Shard> shards,
      long[] sizes,
      Checkpoint from);
}
