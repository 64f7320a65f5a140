package dev.realnvp.spark.model;

import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A model on its way to the executors: configuration and parameters. The network is made once a
 * JVM, and shared by its tasks, which read its parameters only.
 */
public final class SharedModel implements Serializable {

  private final String configuration;
  private final float[] parameters;
  private transient MultiLayerNetwork network;

  private SharedModel(MultiLayerNetwork network) {
    this.configuration = network.getLayerWiseConfigurations().toJson();
    this.parameters = new float[Math.toIntExact(network.numParams())];
    network.params().castTo(DataType.FLOAT).data().asNioFloat().get(parameters);
    this.network = network;
  }

  /** A network's configuration and parameters, for every executor. */
  public static Broadcast<SharedModel> broadcast(SparkSession spark, MultiLayerNetwork network) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .broadcast(new SharedModel(network));
  }

  /** The network, which nobody may change. */
  public synchronized MultiLayerNetwork network() {
    if (network == null) {
      MultiLayerNetwork restored =
          new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
      restored.init();
      restored.params().data().asNioFloat().put(parameters);
      network = restored;
    }
    return network;
  }
}
