package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.flow.FlowTraining;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * The flow that a training goes on from, on other rows of the same features and classes.
 *
 * @param model the flow
 */
record PreviousFlow(StoredModel model) {

  /** The setting that says where it is. */
  static final String KEY = "train.from";

  /** What its option says. */
  static final String OPTION =
      "A flow to go on from, with its weights and standardisation, on rows of the same features";

  /** What a manifest calls it among the parents. */
  static final String PARENT = "previous_flow";

  /** Reads it, if one is named. */
  static Optional<PreviousFlow> open(SparkSession spark, Config config) throws IOException {
    if (config.getString(KEY).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new PreviousFlow(Inputs.model(spark, config, KEY, FlowModel.KIND)));
  }

  /** Its id; empty if none is named. */
  static Optional<String> id(SparkSession spark, Config config) throws IOException {
    String place = config.getString(KEY);
    return place.isEmpty()
        ? Optional.empty()
        : Manifests.ofModel(spark.sparkContext().hadoopConfiguration(), place).map(Manifest::id);
  }

  /**
   * The training that goes on from it.
   *
   * @param context the columns of numbers to condition on
   * @throws InvalidInputException if the table has other features or classes
   */
  FlowTraining continued(FlowTraining training, EmbeddingTable table, List<String> context) {
    requireSame(
        "features",
        table.encoder().featureNames(),
        FlowModel.features(model, "").featureNames(),
        table);
    if (training.classes() > 0) {
      requireSame("classes", table.names().names(), FlowModel.names(model).names(), table);
    }
    requireSame("context columns", context, FlowModel.contextCols(model), table);
    return training.from(RealNVP.of(model.network()));
  }

  private void requireSame(
      String what, List<String> got, List<String> expected, EmbeddingTable table) {
    if (!got.equals(expected)) {
      throw new InvalidInputException(
          "%s has %s %s; expected %s, as flow %s has, which to go on from (setting %s)"
              .formatted(table.name(), what, got, expected, model.manifest().id(), KEY));
    }
  }
}
