package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.scores.Calibration;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A model as it is stored.
 *
 * @param manifest what it says of itself
 * @param calibration how its scores are distributed, if it is a flow that was calibrated
 */
public record StoredModel(
    MultiLayerNetwork network, Manifest manifest, Optional<Calibration> calibration) {

  /** The model without its updater's state, for every executor. */
  public Broadcast<SharedModel> broadcast(SparkSession spark) {
    return SharedModel.broadcast(spark, network);
  }
}
