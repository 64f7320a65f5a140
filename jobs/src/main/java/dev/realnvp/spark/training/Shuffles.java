package dev.realnvp.spark.training;

import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;

/**
 * The files of shuffles. Spark alone keeps them until a garbage collection on the driver finds that
 * nobody can ask for them; a training would fill the disks meanwhile.
 */
public final class Shuffles {

  private Shuffles() {}

  /** The id of the shuffle that a data set is read from. */
  public static int id(RDD<?> shuffled) {
    return ((ShuffleDependency<?, ?, ?>) shuffled.dependencies().head()).shuffleId();
  }

  /**
   * Deletes the files of some shuffles. Whoever asks for one later has it made again.
   *
   * @param blocking whether to wait until they are gone
   */
  public static void delete(SparkContext spark, boolean blocking, int... ids) {
    spark
        .cleaner()
        .foreach(
            cleaner -> {
              for (int id : ids) {
                cleaner.doCleanupShuffle(id, blocking);
              }
              return null;
            });
  }
}
