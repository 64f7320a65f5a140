package dev.realnvp.spark.inference;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;

import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.FlowTransform.Scored;
import dev.realnvp.spark.inference.FlowTransform.Value;
import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * What a flow says of a row, but for explanations: the columns of scores/, and those that the Spark
 * ML stage adds.
 *
 * @param detector of anomalies; null if the flow has no calibration
 * @param mostPosteriors of up to how many classes the column {@code posterior} has values
 */
public record ScoreColumns(AnomalyDetector detector, int mostPosteriors) implements Serializable {

  /**
   * The label's place from the end of what {@link FlowScorer} reads: label, two errors, features,
   * context.
   */
  private static final int LABEL = 5;

  /**
   * A column.
   *
   * @param name in scores/; null if it is none of its columns
   * @param param the stage's parameter that names it; null if it adds none
   * @param onlyOfClasses whether the stage adds it only if the flow has classes
   * @param output has the name in scores/; if it has none there, the parameter's, which the stage
   *     replaces
   */
  private record ScoreColumn(String name, String param, boolean onlyOfClasses, Output output) {}

  public List<Output> ofScores() {
    return all().stream().filter(column -> column.name != null).map(ScoreColumn::output).toList();
  }

  /**
   * The columns that the stage adds, by the parameters that name them.
   *
   * @param names by parameter; an empty one leaves the column out
   */
  public static Map<String, Output> ofStage(
      AnomalyDetector detector, boolean classes, UnaryOperator<String> names) {
    Map<String, Output> outputs = new LinkedHashMap<>();
    for (ScoreColumn column : new ScoreColumns(detector, 0).all()) {
      if (column.param != null && (classes || !column.onlyOfClasses)) {
        outputs.put(column.param, column.output.as(names.apply(column.param)));
      }
    }
    return outputs;
  }

  private List<ScoreColumn> all() {
    DataType vector = SQLDataTypes.VectorType();
    return List.of(
        both(
            "log_prob",
            "logProbCol",
            DoubleType,
            "log p(x), the class summed out, in nats; null where that is not finite, and then"
                + " so are all that follow from it, but anomaly and class_anomaly are true",
            finite((batch, i) -> batch.scores().marginal()[i])),
        ofScores(
            "log_prob_label",
            DoubleType,
            "log p(x | label), in nats; null without a label that the flow knows, and where that"
                + " is not finite",
            finite(ScoreColumns::logProbOfLabel)),
        ofStage(
            "logProbsCol",
            true,
            vector,
            "log p(x | class) of each class, in nats",
            (batch, i) -> Vectors.dense(batch.scores().conditional()[i])),
        ofStage(
            "probabilityCol",
            true,
            vector,
            "P(class | x) of each class",
            (batch, i) -> Vectors.dense(batch.scores().posterior()[i])),
        ofStage(
            "predictionCol",
            true,
            DoubleType,
            "class with the highest posterior, from 0",
            (batch, i) -> (double) batch.scores().mostLikelyClass(i)),
        ofStage(
            "latentCol",
            false,
            vector,
            "z, the row in base space under its likeliest class or its context",
            (batch, i) -> Vectors.dense(batch.toLatent(i))),
        ofScores(
            "predicted_label",
            IntegerType,
            "class with the highest posterior; null from a flow without classes",
            ofClasses((batch, i) -> batch.scores().mostLikelyClass(i))),
        ofScores(
            "predicted_probability",
            DoubleType,
            "that posterior, 0 to 1",
            ofClasses(
                (batch, i) -> batch.scores().posterior()[i][batch.scores().mostLikelyClass(i)])),
        ofScores(
            "posterior",
            DataTypes.createArrayType(DataTypes.FloatType, false),
            "P(class | x) of each class, from 0; null from a flow without classes, or with more than"
                + " score.posterior-classes",
            ofClasses(
                (batch, i) ->
                    batch.scores().posterior()[i].length > mostPosteriors
                        ? null
                        : floats(batch.scores().posterior()[i]))),
        ofScores(
            "percentile",
            DoubleType,
            "share of held-out rows that are at most as likely, 0 to 1; null without a calibration",
            finite(calibrated((batch, i) -> detector.percentile(batch.scores().marginal()[i])))),
        ofScores(
            "typicality",
            DoubleType,
            "|log p(x) - its mean over held-out rows|, in nats: the greater, the less typical;"
                + " null without a calibration",
            finite(calibrated((batch, i) -> detector.typicality(batch.scores().marginal()[i])))),
        ofScores(
            Embeddings.RECONSTRUCTION_ERROR,
            DoubleType,
            "of the image under its decoded embedding, nats per pixel; null if unknown",
            (batch, i) -> error(batch, i, Embeddings.RECONSTRUCTION_ERROR)),
        ofScores(
            Embeddings.RELATIVE_ERROR,
            DoubleType,
            "the same in proportion to what there is in the image: 0 if nothing is lost, 1 if the"
                + " image's mean colour would be as near; null if unknown",
            (batch, i) -> error(batch, i, Embeddings.RELATIVE_ERROR)),
        ofScores(
            Calibration.LOG_PROB_Z,
            DoubleType,
            "log_prob without the features' units: the log-density of the standardised features, or of"
                + " what they are along their curves; null of a flow that does not standardise",
            finite((batch, i) -> known(batch.scores().logProbZ()[i]))),
        ofScores(
            Calibration.DISTANCE,
            DoubleType,
            "how far the row lies from the middle of the train rows, each feature by itself, and from"
                + " the nearest groups of them; null of a flow that does not standardise",
            finite((batch, i) -> error(batch, i, Calibration.DISTANCE))),
        both(
            "anomaly_score",
            "anomalyScoreCol",
            DoubleType,
            "how strange the row is, in deviations from the held-out rows' median; null without a"
                + " calibration",
            finite(calibrated(this::anomalyScore))),
        both(
            "anomaly",
            "anomalyCol",
            BooleanType,
            "whether anomaly_score is above the threshold of all rows; null without a calibration, or"
                + " if it has too few rows for a threshold",
            calibrated(
                (batch, i) ->
                    !batch.scores().isFinite(i)
                        ? Boolean.TRUE
                        : Double.isInfinite(detector.threshold()) ? null : isAnomaly(batch, i))),
        ofScores(
            "class_anomaly",
            BooleanType,
            "whether it is above that of predicted_label; null without a calibration, or if it has"
                + " too few rows of that class for a threshold",
            calibrated(
                (batch, i) ->
                    !batch.scores().isFinite(i)
                        ? Boolean.TRUE
                        : detector.hasThreshold(batch.scores().mostLikelyClass(i))
                            ? detector.isAnomaly(
                                anomalyScore(batch, i), batch.scores().mostLikelyClass(i))
                            : null)));
  }

  private static ScoreColumn both(
      String name, String param, DataType type, String comment, Value value) {
    return new ScoreColumn(name, param, false, Output.of(name, type, comment, value));
  }

  private static ScoreColumn ofScores(String name, DataType type, String comment, Value value) {
    return both(name, null, type, comment, value);
  }

  private static ScoreColumn ofStage(
      String param, boolean onlyOfClasses, DataType type, String comment, Value value) {
    Output output = Output.of(param, type, comment, finite(value));
    return new ScoreColumn(null, param, onlyOfClasses, output);
  }

  /** Null in rows without a finite density. */
  private static Value finite(Value value) {
    return (batch, i) -> batch.scores().isFinite(i) ? value.of(batch, i) : null;
  }

  /** The same, and null of a flow without classes. */
  private static Value ofClasses(Value value) {
    return finite((batch, i) -> hasClasses(batch, i) ? value.of(batch, i) : null);
  }

  /** Null without a calibration. */
  private Value calibrated(Value value) {
    return detector == null ? (batch, i) -> null : value;
  }

  private static boolean hasClasses(Scored batch, int i) {
    return batch.scores().posterior()[i].length > 1;
  }

  private static Double logProbOfLabel(Scored batch, int i) {
    Row row = batch.row(i);
    int at = row.size() - LABEL;
    int label = row.isNullAt(at) ? -1 : row.getInt(at);
    if (!hasClasses(batch, i) || label < 0 || label >= batch.scores().conditional()[i].length) {
      return null;
    }
    double logProb = batch.scores().conditional()[i][label];
    return Double.isFinite(logProb) ? logProb : null;
  }

  /** Whether a row with a finite density is one, of a flow with a calibration. */
  boolean isAnomaly(Scored batch, int i) {
    return detector.isAnomaly(anomalyScore(batch, i));
  }

  private double anomalyScore(Scored batch, int i) {
    return detector.score(
        detector.alongCurves() ? batch.scores().logProbZ()[i] : batch.scores().marginal()[i],
        detector.reconstructs() ? error(batch, i, detector.errorColumn()) : null);
  }

  private static Double error(Scored batch, int i, String name) {
    if (name.equals(Calibration.DISTANCE)) {
      return known(batch.scores().distance()[i]);
    }
    Row row = batch.row(i);
    return (Double) row.get(row.size() - LABEL + 1 + Embeddings.ERRORS.indexOf(name));
  }

  private static Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) values[k];
    }
    return floats;
  }
}
