package dev.realnvp.spark.ml;

import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.FlowTransform.Scored;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a flow adds to a data set.
 *
 * @param byParam in their order, by the parameters that name them
 */
record FlowOutputs(Map<String, Output> byParam) {

  private static final DataType VECTOR = SQLDataTypes.VectorType();

  /**
   * Those that a stage's parameters name.
   *
   * @param classes whether the flow has classes: without them, what is of classes is left out
   * @param detector by density; null without a calibration
   */
  static FlowOutputs of(FlowColumns<?> stage, boolean classes, AnomalyDetector detector) {
    Map<String, Output> all = new LinkedHashMap<>();
    all.put(
        "logProbCol",
        Output.ofFinite(
            stage.getLogProbCol(),
            DataTypes.DoubleType,
            "log p(x), the class summed out, or log p(x | context), in nats; null where that is not"
                + " finite, as are the columns of classes and of z then",
            Scored::logProb));
    if (classes) {
      all.put(
          "logProbsCol",
          Output.ofFinite(
              stage.getLogProbsCol(),
              VECTOR,
              "log p(x | class) of each class, in nats",
              (batch, i) -> Vectors.dense(batch.logProbs(i))));
      all.put(
          "probabilityCol",
          Output.ofFinite(
              stage.getProbabilityCol(),
              VECTOR,
              "P(class | x) of each class",
              (batch, i) -> Vectors.dense(batch.posterior(i))));
      all.put(
          "predictionCol",
          Output.ofFinite(
              stage.getPredictionCol(),
              DataTypes.DoubleType,
              "class with the highest posterior, from 0",
              (batch, i) -> (double) batch.likeliest(i)));
    }
    all.put(
        "latentCol",
        Output.ofFinite(
            stage.getLatentCol(),
            VECTOR,
            "z, the row in base space under its likeliest class or its context",
            (batch, i) -> Vectors.dense(batch.base(i))));
    all.put(
        "anomalyScoreCol",
        Output.ofFinite(
            stage.getAnomalyScoreCol(),
            DataTypes.DoubleType,
            "how strange the row is, in deviations below the calibration rows' median of log p(x);"
                + " null without a calibration",
            (batch, i) -> detector == null ? null : detector.score(batch.logProb(i), null)));
    all.put(
        "anomalyCol",
        Output.of(
            stage.getAnomalyCol(),
            DataTypes.BooleanType,
            "whether that score is above the threshold; true without a finite log p(x), null"
                + " without a calibration",
            (batch, i) -> detector == null ? null : isAnomaly(detector, batch, i)));
    all.put(
        "explanationCol", Explanations.column(stage.getExplanationCol(), stage.getExplanations()));
    all.values().removeIf(output -> output.field().name().isEmpty());
    return new FlowOutputs(all);
  }

  /** What cannot be judged is one. */
  private static boolean isAnomaly(AnomalyDetector detector, Scored batch, int i) {
    return !batch.isFinite(i) || detector.isAnomaly(detector.score(batch.logProb(i), null));
  }

  /** The columns. */
  List<Output> columns() {
    return List.copyOf(byParam.values());
  }

  /** A schema with the columns at its end. */
  StructType appendedTo(StructType schema) {
    StructType appended = schema;
    for (Map.Entry<String, Output> output : byParam.entrySet()) {
      Columns.requireFree(appended, output.getValue().field().name(), output.getKey());
      appended = appended.add(output.getValue().field());
    }
    return appended;
  }
}
