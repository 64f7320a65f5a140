package dev.realnvp.spark.training;

import java.io.Serializable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The states of one round, on their way: the one that the workers start from, and those that they
 * come to. The driver opens it, hands it to the tasks, and closes it when the round is over.
 */
abstract class StateTransport implements Serializable {

  /** By reference where the workers are threads of this JVM, else by broadcast and result. */
  static StateTransport open(JavaSparkContext spark, NetworkState start) {
    return sharesMemory(spark)
        ? InProcessTransport.open(start)
        : new BroadcastTransport(spark.broadcast(start));
  }

  /** Whether tasks run in the driver's JVM, and with its classes. */
  private static boolean sharesMemory(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    return Workers.localCores(spark.master()).isPresent()
        && !conf.getBoolean("spark.executor.userClassPathFirst", false);
  }

  /** On a worker: where to start from. */
  abstract NetworkState start();

  /**
   * On a worker: takes the state that it has come to.
   *
   * @return what its result has to carry; null for nothing
   */
  abstract NetworkState send(int partition, NetworkState trained);

  /** On the driver: the result with the state that its worker has sent, if it has. */
  abstract RoundResult received(RoundResult result);

  /** On the driver: there is nothing left to send. */
  abstract void close();
}
