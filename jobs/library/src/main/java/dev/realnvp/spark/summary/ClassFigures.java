package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.spark.table.ExactSums;
import dev.realnvp.spark.table.LabelNames;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows of a class by their own label.
 *
 * @param label from 0
 * @param name of the class; null if it has none
 * @param rows how many
 * @param nll the mean of -log p, in nats, over those with a finite density; null without any
 * @param anomalies the share of them that is marked; null if the flow has no calibration, or too
 *     few rows for a threshold
 * @param accuracy the share of them whose most likely class is theirs; null if the flow has no
 *     classes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClassFigures(
    @JsonProperty(value = "label", required = true) int label,
    @JsonProperty("name") String name,
    @JsonProperty(value = "rows", required = true) long rows,
    @JsonProperty("nll") Double nll,
    @JsonProperty("anomalies") Double anomalies,
    @JsonProperty("accuracy") Double accuracy) {

  private static final int MOST = 1000;

  /**
   * Counts them, on the executors.
   *
   * @param scores with the columns of scores/
   * @param logProb the log-density, in nats; null for rows without a finite one
   * @param names of the classes, if they have some
   * @return in the order of the labels; of more than {@value #MOST} classes those with most rows
   */
  public static List<ClassFigures> of(Dataset<Row> scores, Column logProb, LabelNames names) {
    return scores
        .where(col("label").isNotNull())
        .groupBy("label")
        .agg(
            count("*").as("rows"),
            ExactSums.mean(logProb),
            when(count(col("anomaly")).equalTo(count("*")), avg(col("anomaly").cast("int"))),
            avg(col("predicted_label").equalTo(col("label")).cast("int")))
        .orderBy(col("rows").desc(), col("label"))
        .limit(MOST)
        .collectAsList()
        .stream()
        .map(
            row ->
                new ClassFigures(
                    row.getInt(0),
                    row.getInt(0) < names.size() ? names.names().get(row.getInt(0)) : null,
                    row.getLong(1),
                    negative(row.getAs(2)),
                    row.getAs(3),
                    row.getAs(4)))
        .sorted(Comparator.comparingInt(ClassFigures::label))
        .toList();
  }

  private static Double negative(Double value) {
    return value == null ? null : -value;
  }
}
