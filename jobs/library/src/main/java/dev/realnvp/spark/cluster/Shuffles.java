package dev.realnvp.spark.cluster;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.apache.spark.MapOutputStatistics;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import scala.concurrent.Await;
import scala.concurrent.duration.Duration;

/**
 * The files of shuffles. Spark alone keeps them until a garbage collection on the driver finds that
 * nobody can ask for them; a training would fill the disks meanwhile.
 */
public final class Shuffles {

  private Shuffles() {}

  private static ShuffleDependency<?, ?, ?> dependency(RDD<?> shuffled) {
    return (ShuffleDependency<?, ?, ?>) shuffled.dependencies().head();
  }

  /** The id of the shuffle that a data set is read from. */
  public static int id(RDD<?> shuffled) {
    return dependency(shuffled).shuffleId();
  }

  /**
   * Runs the stages before the shuffle that a data set is read from, and waits for its files. As an
   * action does, it throws Spark's exception of a stage that failed.
   *
   * @throws CancellationException if the thread is interrupted, after the stages are cancelled
   */
  public static void write(RDD<?> shuffled) {
    SimpleFutureAction<MapOutputStatistics> stages =
        shuffled.sparkContext().submitMapStage(dependency(shuffled));
    try {
      Await.result(stages, Duration.Inf());
    } catch (InterruptedException e) {
      stages.cancel();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while rows were dealt out");
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
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
