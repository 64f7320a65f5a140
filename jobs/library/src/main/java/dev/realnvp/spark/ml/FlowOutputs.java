package dev.realnvp.spark.ml;

import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.ScoreColumns;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a flow adds to a data set.
 *
 * @param byParam in their order, by the parameters that name them
 */
record FlowOutputs(Map<String, Output> byParam) {

  /**
   * Those that a stage's parameters name.
   *
   * @param classes whether the flow has classes: without them, what is of classes is left out
   * @param detector by density; null without a calibration
   */
  static FlowOutputs of(FlowColumns<?> stage, boolean classes, AnomalyDetector detector) {
    Map<String, Output> all =
        ScoreColumns.ofStage(
            detector, classes, param -> stage.getOrDefault(stage.getParam(param)).toString());
    all.put(
        "explanationCol",
        Explanations.column(stage.getExplanationCol(), stage.getExplanations(), List.of()));
    all.values().removeIf(output -> output.field().name().isEmpty());
    return new FlowOutputs(all);
  }

  List<Output> columns() {
    return List.copyOf(byParam.values());
  }

  StructType appendedTo(StructType schema) {
    StructType appended = schema;
    for (Map.Entry<String, Output> output : byParam.entrySet()) {
      appended = Columns.append(appended, output.getValue().field(), output.getKey());
    }
    return appended;
  }
}
