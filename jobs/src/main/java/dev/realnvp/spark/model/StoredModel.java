package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.scores.Calibration;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A stored model.
 *
 * @param manifest of the model
 * @param calibration the distribution of its scores, if it is a calibrated flow
 */
public record StoredModel(
    MultiLayerNetwork network, Manifest manifest, Optional<Calibration> calibration) {

  /** The model without its updater's state, for every executor. */
  public Broadcast<SharedModel> broadcast(SparkSession spark) {
    return SharedModel.broadcast(spark, network);
  }
}
