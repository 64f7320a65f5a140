package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassScores;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.LabelNames;
import dev.realnvp.spark.data.Schemas;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.AnomalyDetector;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Embeddings to scores: {@code log_prob} is log p(x) with the class summed out, {@code
 * log_prob_label} is log p(x | label) where the row has a label, both in nats; {@code
 * predicted_label} is the class with the highest posterior, {@code predicted_probability} that
 * posterior; and how strange the row is, next to those that the flow was calibrated on.
 */
public final class FlowScorer {

  /** The columns of scores/. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false, "number of the row")
          .add("split", DataTypes.StringType, false, "train or test")
          .add("label", DataTypes.IntegerType, true, "class, from 0; null without classes")
          .add(
              "log_prob",
              DataTypes.DoubleType,
              true,
              "log p(x), the class summed out, in nats; null where that is not finite, and then"
                  + " so are all that follow from it, but anomaly and class_anomaly are true")
          .add(
              "log_prob_label",
              DataTypes.DoubleType,
              true,
              "log p(x | label), in nats; null without a label that the flow knows, and where that"
                  + " is not finite")
          .add(
              "predicted_label",
              DataTypes.IntegerType,
              true,
              "class with the highest posterior; null from a flow without classes")
          .add("predicted_probability", DataTypes.DoubleType, true, "that posterior, 0 to 1")
          .add(
              "posterior",
              DataTypes.createArrayType(DataTypes.FloatType, false),
              true,
              "P(class | x) of each class, from 0; null from a flow without classes")
          .add(
              "percentile",
              DataTypes.DoubleType,
              true,
              "share of held-out rows that are at most as likely, 0 to 1; null without a calibration")
          .add(
              "typicality",
              DataTypes.DoubleType,
              true,
              "|log p(x) - its mean over held-out rows|, in nats: the greater, the less typical;"
                  + " null without a calibration")
          .add(
              Embeddings.RECONSTRUCTION_ERROR,
              DataTypes.DoubleType,
              true,
              "of the image under its decoded embedding, nats a pixel; null where it is not known")
          .add(
              "anomaly_score",
              DataTypes.DoubleType,
              true,
              "how strange the row is, in deviations from the held-out rows' median; null without a calibration")
          .add(
              "anomaly",
              DataTypes.BooleanType,
              true,
              "whether anomaly_score is above the threshold of all rows; null without a calibration")
          .add(
              "class_anomaly",
              DataTypes.BooleanType,
              true,
              "whether it is above that of predicted_label; null without a calibration");

  private FlowScorer() {}

  /**
   * Scores every row; lazily, a batch at a time, with one flow a partition.
   *
   * @param embeddings with the columns of embeddings/
   * @param model the flow's model
   * @param prior a weight a class
   * @param names of the classes; where they have some, the columns {@code label_name} and {@code
   *     predicted_label_name} come last
   * @param detector of anomalies; null where the flow has no calibration
   * @param batch rows of a batch
   */
  public static Dataset<Row> score(
      Dataset<Row> embeddings,
      Broadcast<SharedModel> model,
      double[] prior,
      LabelNames names,
      AnomalyDetector detector,
      int batch) {
    MapPartitionsFunction<ReconstructedRow, ScoreRow> score =
        rows -> {
          ClassMixture mixture = new ClassMixture(RealNVP.of(model.value().network()), prior);
          return new Batched<>(
              rows, batch, some -> score(mixture, some, prior.length > 1, detector));
        };
    Dataset<Row> scores =
        Schemas.describe(
            embeddings
                .select(
                    col("id"),
                    col("split"),
                    col("label"),
                    col("embedding"),
                    reconstructionError(embeddings).as("reconstructionError"))
                .as(Encoders.bean(ReconstructedRow.class))
                .mapPartitions(score, Encoders.bean(ScoreRow.class))
                .select(
                    "id",
                    "split",
                    "label",
                    "logProb",
                    "logProbLabel",
                    "predictedLabel",
                    "predictedProbability",
                    "posterior",
                    "percentile",
                    "typicality",
                    "reconstructionError",
                    "anomalyScore",
                    "anomaly",
                    "classAnomaly"),
            SCHEMA);
    return names.isEmpty()
        ? scores
        : scores
            .withColumn("label_name", names.name(scores.col("label")))
            .withColumn("predicted_label_name", names.name(scores.col("predicted_label")));
  }

  /** How many rows of scores/ have no finite density. */
  public static long countWithoutDensity(Dataset<Row> scores) {
    return scores.where(not(coalesce(hasDensity("log_prob"), lit(false)))).count();
  }

  /**
   * Whether a column of log-densities has one. Older versions wrote what is not finite; null, which
   * this is null for too, is what stands for it now.
   */
  public static Column hasDensity(String column) {
    return abs(col(column)).lt(Double.POSITIVE_INFINITY);
  }

  private static Column reconstructionError(Dataset<Row> embeddings) {
    return List.of(embeddings.columns()).contains(Embeddings.RECONSTRUCTION_ERROR)
        ? col(Embeddings.RECONSTRUCTION_ERROR)
        : lit(null).cast(DataTypes.DoubleType);
  }

  private static List<ScoreRow> score(
      ClassMixture mixture,
      List<ReconstructedRow> rows,
      boolean classes,
      AnomalyDetector detector) {
    ClassScores scores = mixture.score(Rows.embeddings(rows), rows.size());
    List<ScoreRow> scored = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      ReconstructedRow embedding = rows.get(i);
      Integer label = embedding.getLabel();
      ScoreRow row = new ScoreRow();
      row.setId(embedding.getId());
      row.setSplit(embedding.getSplit());
      row.setLabel(label);
      row.setReconstructionError(embedding.getReconstructionError());
      scored.add(row);
      if (!scores.isFinite(i)) {
        if (detector != null) {
          row.setAnomaly(true);
          row.setClassAnomaly(true);
        }
        continue;
      }
      int likeliest = scores.likeliest(i);
      row.setLogProb(scores.marginal()[i]);
      if (classes) {
        row.setPredictedLabel(likeliest);
        row.setPredictedProbability(scores.posterior()[i][likeliest]);
        row.setPosterior(floats(scores.posterior()[i]));
        if (label != null && label >= 0 && label < mixture.classes()) {
          double conditional = scores.conditional()[i][label];
          row.setLogProbLabel(Double.isFinite(conditional) ? conditional : null);
        }
      }
      if (detector != null) {
        judge(row, likeliest, detector);
      }
    }
    return scored;
  }

  private static void judge(ScoreRow row, int likeliest, AnomalyDetector detector) {
    double score = detector.score(row.getLogProb(), row.getReconstructionError());
    row.setPercentile(detector.percentile(row.getLogProb()));
    row.setTypicality(detector.typicality(row.getLogProb()));
    row.setAnomalyScore(score);
    row.setAnomaly(detector.isAnomaly(score));
    row.setClassAnomaly(detector.isAnomaly(score, likeliest));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) values[k];
    }
    return floats;
  }
}
