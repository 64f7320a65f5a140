package dev.realnvp.spark.ml;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a flow adds to a data set.
 *
 * @param columns in their order
 */
record FlowOutputs(List<Output> columns) implements Serializable {

  /** What a column holds. */
  enum Kind {
    LOG_PROB(
        DataTypes.DoubleType,
        "log p(x), the class summed out, or log p(x | context), in nats; null where that is not"
            + " finite, as are the columns of classes and of z then"),
    LOG_PROBS(SQLDataTypes.VectorType(), "log p(x | class) of each class, in nats"),
    PROBABILITY(SQLDataTypes.VectorType(), "P(class | x) of each class"),
    PREDICTION(DataTypes.DoubleType, "class with the highest posterior, from 0"),
    LATENT(
        SQLDataTypes.VectorType(),
        "z, the row in base space under its likeliest class or its context"),
    ANOMALY(
        DataTypes.DoubleType,
        "share of the calibration's rows that are likelier, 0 to 1; 1 without a finite log p(x);"
            + " null without a calibration");

    private final DataType type;
    private final String comment;

    Kind(DataType type, String comment) {
      this.type = type;
      this.comment = comment;
    }
  }

  /** A column. */
  record Output(Kind kind, String param, String column) implements Serializable {}

  /**
   * Those that a stage's parameters name.
   *
   * @param classes whether the flow has classes: without them, what is of classes is left out
   */
  static FlowOutputs of(FlowColumns<?> stage, boolean classes) {
    List<Output> all = new ArrayList<>();
    all.add(new Output(Kind.LOG_PROB, "logProbCol", stage.getLogProbCol()));
    if (classes) {
      all.add(new Output(Kind.LOG_PROBS, "logProbsCol", stage.getLogProbsCol()));
      all.add(new Output(Kind.PROBABILITY, "probabilityCol", stage.getProbabilityCol()));
      all.add(new Output(Kind.PREDICTION, "predictionCol", stage.getPredictionCol()));
    }
    all.add(new Output(Kind.LATENT, "latentCol", stage.getLatentCol()));
    all.add(new Output(Kind.ANOMALY, "anomalyCol", stage.getAnomalyCol()));
    return new FlowOutputs(all.stream().filter(output -> !output.column().isEmpty()).toList());
  }

  /** A schema with the columns at its end. */
  StructType appendedTo(StructType schema) {
    StructType appended = schema;
    for (Output output : columns) {
      Columns.requireFree(appended, output.column(), output.param());
      Kind kind = output.kind();
      appended = appended.add(output.column(), kind.type, true, kind.comment);
    }
    return appended;
  }

  /** Whether a kind is among them. */
  boolean has(Kind kind) {
    return columns.stream().anyMatch(output -> output.kind() == kind);
  }

  /** A row's values of the columns, by kind. */
  Object[] values(Map<Kind, Object> byKind) {
    return columns.stream().map(output -> byKind.get(output.kind())).toArray();
  }
}
