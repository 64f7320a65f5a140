package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A model as it was read, with what its manifest says. */
public record StoredModel(MultiLayerNetwork network, Manifest manifest) {

  /** The model without its updater's state, for every executor. */
  public Broadcast<byte[]> broadcast(SparkSession spark) {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try {
      ModelStore.writeWithoutUpdater(network, zip);
    } catch (IOException e) {
      throw new UncheckedIOException("The model cannot be written to memory", e);
    }
    return JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(zip.toByteArray());
  }
}
