package dev.realnvp.spark.inference;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassScores;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.data.LabelNames;
import dev.realnvp.spark.data.Schemas;
import dev.realnvp.spark.model.SharedModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Embeddings to scores: {@code log_prob} is log p(x) with the class summed out, {@code
 * log_prob_label} is log p(x | label) where the row has a label, both in nats; {@code
 * predicted_label} is the class with the highest posterior, {@code predicted_probability} that
 * posterior.
 */
public final class FlowScorer {

  /** The columns of scores/. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false, "number of the row")
          .add("split", DataTypes.StringType, false, "train or test")
          .add("label", DataTypes.IntegerType, true, "class, from 0; null without classes")
          .add("log_prob", DataTypes.DoubleType, false, "log p(x), the class summed out, in nats")
          .add(
              "log_prob_label",
              DataTypes.DoubleType,
              true,
              "log p(x | label), in nats; null without a label that the flow knows")
          .add(
              "predicted_label",
              DataTypes.IntegerType,
              true,
              "class with the highest posterior; null from a flow without classes")
          .add("predicted_probability", DataTypes.DoubleType, true, "that posterior, 0 to 1");

  private FlowScorer() {}

  /**
   * Scores every row; lazily, a batch at a time, with one flow a partition.
   *
   * @param embeddings with the columns of embeddings/
   * @param model the flow's model
   * @param prior a weight a class
   * @param names of the classes; where they have some, the columns {@code label_name} and {@code
   *     predicted_label_name} come last
   * @param batch rows of a batch
   */
  public static Dataset<Row> score(
      Dataset<Row> embeddings,
      Broadcast<SharedModel> model,
      double[] prior,
      LabelNames names,
      int batch) {
    MapPartitionsFunction<EmbeddingRow, ScoreRow> score =
        rows -> {
          ClassMixture mixture = new ClassMixture(RealNVP.of(model.value().network()), prior);
          return new Batched<>(rows, batch, some -> score(mixture, some, prior.length > 1));
        };
    Dataset<Row> scores =
        Schemas.describe(
            embeddings
                .select("id", "split", "label", "embedding")
                .as(Encoders.bean(EmbeddingRow.class))
                .mapPartitions(score, Encoders.bean(ScoreRow.class))
                .select(
                    "id",
                    "split",
                    "label",
                    "logProb",
                    "logProbLabel",
                    "predictedLabel",
                    "predictedProbability"),
            SCHEMA);
    return names.isEmpty()
        ? scores
        : scores
            .withColumn("label_name", names.name(scores.col("label")))
            .withColumn("predicted_label_name", names.name(scores.col("predicted_label")));
  }

  private static List<ScoreRow> score(
      ClassMixture mixture, List<EmbeddingRow> rows, boolean classes) {
    ClassScores scores = mixture.score(Rows.embeddings(rows), rows.size());
    List<ScoreRow> scored = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      EmbeddingRow embedding = rows.get(i);
      Integer label = embedding.getLabel();
      ScoreRow row = new ScoreRow();
      row.setId(embedding.getId());
      row.setSplit(embedding.getSplit());
      row.setLabel(label);
      row.setLogProb(scores.marginal()[i]);
      if (classes) {
        int likeliest = scores.likeliest(i);
        row.setPredictedLabel(likeliest);
        row.setPredictedProbability(scores.posterior()[i][likeliest]);
        if (label != null && label >= 0 && label < mixture.classes()) {
          row.setLogProbLabel(scores.conditional()[i][label]);
        }
      }
      scored.add(row);
    }
    return scored;
  }
}
