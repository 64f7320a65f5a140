package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.spark.inference.FlowTransform.Invalid;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Rows to scores: {@code log_prob} is log p(x) with the class summed out, {@code log_prob_label} is
 * log p(x | label) where the row has a label, both in nats; {@code predicted_label} is the class
 * with the highest posterior, {@code predicted_probability} that posterior; and how strange the row
 * is, next to those that the flow was calibrated on.
 */
public final class FlowScorer {

  /** The first columns, those of the row itself. */
  private static final StructType ROW =
      new StructType()
          .add("id", DataTypes.LongType, false, "number of the row")
          .add("split", DataTypes.StringType, false, "train or test")
          .add("label", DataTypes.IntegerType, true, "class, from 0; null without classes");

  /** The columns of scores/ without explanations. */
  public static final StructType SCHEMA =
      FlowTransform.append(ROW, outputs(null, Explanations.NONE, 0));

  private static final String LABEL_NAME = "label_name";
  private static final String PREDICTED_LABEL_NAME = "predicted_label_name";

  private FlowScorer() {}

  /**
   * Scores every row; lazily, a batch at a time, with one flow a partition.
   *
   * @param embeddings with the columns of embeddings/; for a flow that is conditioned on numbers,
   *     these stand behind the features of each
   * @param model the flow's model
   * @param prior a weight per class; none for a flow that is conditioned on numbers
   * @param temperature of the posteriors
   * @param names of the classes; where they have some, the columns {@code label_name} and {@code
   *     predicted_label_name} come last
   * @param detector of anomalies; null where the flow has no calibration
   * @param explanations of which rows; if of any, the column {@code explanation} is there too
   * @param mostPosteriors of up to how many classes the column {@code posterior} has values
   * @param batch rows of a batch
   */
  public static Dataset<Row> score(
      Dataset<Row> embeddings,
      Broadcast<SharedModel> model,
      double[] prior,
      double temperature,
      LabelNames names,
      AnomalyDetector detector,
      Explanations explanations,
      int mostPosteriors,
      int batch) {
    Column[] inputs = inputs(prior.length > 0 ? 0 : RealNVP.of(model.value().network()).features());
    List<Output> outputs = outputs(detector, explanations, mostPosteriors);
    StructType known = known(embeddings).schema();
    StructType schema = FlowTransform.append(known, outputs);
    List<String> columns = new ArrayList<>(List.of(schema.fieldNames()));
    if (!names.isEmpty()) {
      columns.addAll(List.of(LABEL_NAME, PREDICTED_LABEL_NAME));
    }
    Schemas.requireDistinct(columns, "the table");
    Dataset<Row> read =
        known(
            embeddings,
            col("label").as("read_label"),
            error(embeddings, Embeddings.RECONSTRUCTION_ERROR).as("read_reconstruction_error"),
            error(embeddings, Embeddings.RELATIVE_ERROR).as("read_relative_error"),
            inputs[0].as("read_features"),
            inputs[1].as("read_context"));
    // Numbered, because a table may have columns of any name.
    String[] places =
        IntStream.range(0, read.columns().length).mapToObj(i -> "_" + i).toArray(String[]::new);
    Dataset<Row> scores =
        new FlowTransform(
                model, prior, temperature, Embeddings.COLUMN, "context", Invalid.SCORE, outputs)
            .append(read.toDF(places), known.size(), schema, batch);
    return names.isEmpty()
        ? scores
        : scores
            .withColumn(LABEL_NAME, names.name(label(scores)))
            .withColumn(PREDICTED_LABEL_NAME, names.name(scores.col("predicted_label")));
  }

  /** The class of rows of scores/; null if the table's own column of that name is none. */
  public static Column label(Dataset<Row> scores) {
    DataType type = scores.select("label").schema().apply(0).dataType();
    return type.equals(DataTypes.IntegerType)
        ? scores.col("label")
        : lit(null).cast(DataTypes.IntegerType);
  }

  /** What a row is known by, and more columns behind that. */
  private static Dataset<Row> known(Dataset<Row> embeddings, Column... more) {
    Stream<Column> known =
        List.of(embeddings.columns()).contains(Embeddings.PASSED)
            ? Stream.of(col(Embeddings.PASSED + ".*"))
            : Arrays.stream(ROW.fieldNames()).map(functions::col);
    return embeddings.select(Stream.concat(known, Arrays.stream(more)).toArray(Column[]::new));
  }

  public static long countWithoutDensity(Dataset<Row> scores) {
    return Schemas.count(scores.where(withoutDensity("log_prob")));
  }

  public static Column withoutDensity(String column) {
    return col(column).isNull();
  }

  public static Column hasDensity(String column) {
    return col(column).isNotNull();
  }

  private static Column error(Dataset<Row> embeddings, String name) {
    return List.of(embeddings.columns()).contains(name)
        ? col(name)
        : lit(null).cast(DataTypes.DoubleType);
  }

  /**
   * The features, and the numbers behind them that a flow is conditioned on.
   *
   * @param features how many, if numbers stand behind them; else 0
   */
  static Column[] inputs(int features) {
    Column values = col(Embeddings.COLUMN);
    return features == 0
        ? new Column[] {
          values, lit(null).cast(Embeddings.SCHEMA.apply(Embeddings.COLUMN).dataType())
        }
        : new Column[] {
          slice(values, lit(1), lit(features)),
          slice(values, lit(features + 1), size(values).minus(features))
        };
  }

  private static List<Output> outputs(
      AnomalyDetector detector, Explanations explanations, int mostPosteriors) {
    ScoreColumns columns = new ScoreColumns(detector, mostPosteriors);
    List<Output> outputs = new ArrayList<>(columns.ofScores());
    if (explanations.count() > 0) {
      outputs.add(
          explanations.column(
              Explanations.COLUMN,
              (batch, i) ->
                  explanations.rows() == Explanations.Rows.ALL
                      || detector != null && columns.isAnomaly(batch, i)));
    }
    return outputs;
  }
}
