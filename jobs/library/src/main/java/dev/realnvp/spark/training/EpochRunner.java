package dev.realnvp.spark.training;

import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Trains the network epoch by epoch. */
interface EpochRunner extends AutoCloseable {

  /**
   * Trains what is left of an epoch.
   *
   * @param from where the training stands
   * @return the same at the end of that epoch's last round; the network may or may not hold the
   *     state
   * @throws TrainingException if the loss or the parameters are no longer finite
   */
  Checkpoint run(Checkpoint from);

  /** Frees what the executors hold. */
  @Override
  void close();

  /** Of {@link Master#STOCK}, where the build has it. */
  static Optional<Factory> stock() {
    return ServiceLoader.load(Factory.class, EpochRunner.class.getClassLoader()).findFirst();
  }

  /**
   * Makes the runner of {@link Master#STOCK}. A service, since the build for Spark 4, which DL4J's
   * module does not know, leaves it out.
   */
  interface Factory {
    EpochRunner of(
        JavaSparkContext spark,
        TrainingSettings settings,
        MultiLayerNetwork network,
        JavaRDD<Shard> shards,
        long[] sizes);
  }

  /**
   * A loss, or parameters, that are no longer finite.
   *
   * @param epoch counted from 1
   * @param where in it
   * @param what is not finite
   */
  record Divergence(int epoch, String where, String what) {

    String message() {
      return "Training diverged in epoch %d, %s: %s".formatted(epoch, where, what);
    }

    /**
     * @param rewinds how often the learning rate has been halved because of it
     */
    TrainingException exception(int rewinds) {
      String advice =
          rewinds == 0
              ? "Try a lower learning rate"
              : "Halving the learning rate %d times did not help. Try a much lower one"
                  .formatted(rewinds);
      return new TrainingException(
          message() + ". " + advice + ", or look for invalid rows in the input");
    }
  }
}
