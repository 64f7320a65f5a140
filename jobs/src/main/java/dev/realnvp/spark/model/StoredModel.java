package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A model as it was read, with what its manifest says. */
public record StoredModel(MultiLayerNetwork network, Manifest manifest) {

  /** The model without its updater's state, for every executor. */
  public Broadcast<SharedModel> broadcast(SparkSession spark) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .broadcast(new SharedModel(network));
  }
}
