package dev.realnvp.spark.inference;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassScores;
import dev.realnvp.flow.RealNVP;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
          .add("id", DataTypes.LongType, false)
          .add("split", DataTypes.StringType, false)
          .add("label", DataTypes.IntegerType, true)
          .add("log_prob", DataTypes.DoubleType, false)
          .add("log_prob_label", DataTypes.DoubleType, true)
          .add("predicted_label", DataTypes.IntegerType, true)
          .add("predicted_probability", DataTypes.DoubleType, true);

  private FlowScorer() {}

  /**
   * Scores every row; lazily, a batch at a time, with one flow a partition.
   *
   * @param embeddings with the columns of embeddings/
   * @param model the flow's model.zip
   * @param prior a weight a class
   * @param batch rows of a batch
   */
  public static Dataset<Row> score(
      Dataset<Row> embeddings, Broadcast<byte[]> model, double[] prior, int batch) {
    MapPartitionsFunction<Row, Row> score =
        rows -> {
          ClassMixture mixture = new ClassMixture(RealNVP.of(Models.read(model.value())), prior);
          return new Batched(rows, batch, some -> score(mixture, some, prior.length > 1));
        };
    return embeddings
        .select("id", "split", "label", "embedding")
        .mapPartitions(score, Encoders.row(SCHEMA));
  }

  private static List<Row> score(ClassMixture mixture, List<Row> rows, boolean classes) {
    ClassScores scores = mixture.score(Rows.embeddings(rows, 3).data().asFloat(), rows.size());
    List<Row> scored = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      Integer label = row.isNullAt(2) ? null : row.getInt(2);
      int likeliest = scores.likeliest(i);
      boolean known = classes && label != null && label >= 0 && label < mixture.classes();
      scored.add(
          RowFactory.create(
              row.getLong(0),
              row.getString(1),
              label,
              scores.marginal()[i],
              known ? scores.conditional()[i][label] : null,
              classes ? likeliest : null,
              classes ? scores.posterior()[i][likeliest] : null));
    }
    return scored;
  }
}
