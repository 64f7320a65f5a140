package dev.realnvp.spark.training;

import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Judges the network after each epoch; its time is not counted as training. */
@FunctionalInterface
public interface Validation {

  /** The loss of the network as it is now, which it must leave as it is. */
  double loss(MultiLayerNetwork network);

  /** The mean loss an example over held-out rows, computed on the executors; for one network. */
  static Validation on(JavaRDD<Shard> shards, int batch) {
    return new HeldOut(shards, batch);
  }
}
