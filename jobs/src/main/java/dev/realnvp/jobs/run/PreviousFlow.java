package dev.realnvp.jobs.run;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.flow.FlowTraining;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The flow that a training goes on from, on other rows of the same features and classes.
 *
 * @param model the flow
 */
public record PreviousFlow(StoredModel model) {

  /** The setting that says where it is. */
  public static final String KEY = "train.from";

  /** What a manifest calls it among the parents. */
  public static final String PARENT = "previous_flow";

  public static Optional<PreviousFlow> open(Run run) throws IOException {
    String place = run.place(KEY);
    return place.isEmpty()
        ? Optional.empty()
        : Optional.of(new PreviousFlow(ModelDirectory.read(run.hadoop(), place, FlowModel.KIND)));
  }

  /** Its id; empty if none is named. */
  public static Optional<String> id(Run run) throws IOException {
    String place = run.place(KEY);
    return place.isEmpty()
        ? Optional.empty()
        : Manifests.ofModel(run.hadoop(), place).map(Manifest::id);
  }

  /**
   * The training that goes on from it.
   *
   * @param context the columns of numbers to condition on
   * @throws InvalidInputException if the table has other features or classes
   */
  public FlowTraining continued(FlowTraining training, EmbeddingTable table, List<String> context) {
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
