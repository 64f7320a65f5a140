package dev.realnvp.spark.model;

import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A model for the executors: configuration and parameters. The network is built once per JVM, and
 * shared by the tasks, which only read its parameters.
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

  /** The network, which must not be changed. */
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
