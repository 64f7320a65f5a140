package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.scores.Temperature;
import dev.realnvp.spark.table.ExactSums;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * The quality of a posterior P(class | x).
 *
 * @param ece expected calibration error, 0 to 1: for rows whose most likely class has about the
 *     same probability, the distance between the mean of that probability and the share of rows of
 *     that class, averaged over the rows,
 *     <pre>
 * ECE = sum_m |B_m| / n |accuracy(B_m) - confidence(B_m)|
 * </pre>
 *     over {@value #BINS} bins ((m - 1) / {@value #BINS}, m / {@value #BINS}] of that probability
 *     (Guo, Pleiss, Sun and Weinberger 2017, On calibration of modern neural networks, equation 3)
 * @param brier the score of Brier (1950), Verification of forecasts expressed in terms of
 *     probability: the mean of {@code sum_k (P(k | x) - [k = label])^2}, 0 to 2; null if the
 *     posteriors of all classes are not known
 * @param bins the B_m that have rows, from the least probability
 */
public record PosteriorQuality(double ece, Double brier, List<Bin> bins) {

  /**
   * Rows whose most likely class has about the same probability.
   *
   * @param rows how many
   * @param confidence the mean of that probability
   * @param accuracy the share of rows of that class
   */
  public record Bin(
      @JsonProperty(value = "rows", required = true) long rows,
      @JsonProperty(value = "confidence", required = true) double confidence,
      @JsonProperty(value = "accuracy", required = true) double accuracy) {}

  private static final int BINS = 15;

  /**
   * Measures the quality, on the executors.
   *
   * @param table with the columns log_prob, label, predicted_label, predicted_probability and
   *     posterior of scores/; posteriors may be null, of many classes
   * @param fitted on these rows, with which the posteriors were made: in its place, each half of
   *     the rows is judged at that of the other half, where there are posteriors; null if none was
   *     fitted on them
   * @return empty if no row has both a finite posterior and a known label
   */
  public static Optional<PosteriorQuality> of(Dataset<Row> table, Temperature fitted) {
    Dataset<Row> scores = fitted == null ? table : crosswise(table, fitted);
    Column label = col("label");
    Column probability = col("predicted_probability");
    Column squares =
        aggregate(col("posterior"), lit(0.0), (all, p) -> all.plus(p.cast("double").multiply(p)));
    Column brier = squares.minus(element_at(col("posterior"), label.plus(1)).multiply(2)).plus(1);
    List<Bin> bins = new ArrayList<>();
    long rows = 0;
    double distance = 0;
    Double total = 0.0;
    for (Row bin :
        scores
            .where(
                label
                    .geq(0)
                    .and(label.lt(size(col("posterior"))).or(col("posterior").isNull()))
                    .and(probability.leq(1)))
            .groupBy(greatest(ceil(probability.multiply(BINS)), lit(1L)).as("bin"))
            .agg(
                count("*"),
                count(when(label.equalTo(col("predicted_label")), 1)),
                ExactSums.sum(probability),
                ExactSums.sum(brier),
                count(brier))
            .orderBy(col("bin"))
            .collectAsList()) {
      long count = bin.getLong(1);
      double right = bin.getLong(2);
      double expected = bin.getDouble(3);
      bins.add(new Bin(count, expected / count, right / count));
      rows += count;
      distance += Math.abs(right - expected);
      total = total == null || bin.getLong(5) < count ? null : total + bin.getDouble(4);
    }
    return rows == 0
        ? Optional.empty()
        : Optional.of(
            new PosteriorQuality(
                distance / rows, total == null ? null : total / rows, List.copyOf(bins)));
  }

  private static Dataset<Row> crosswise(Dataset<Row> scores, Temperature fitted) {
    UDF1<Double, Double> power =
        logProb -> logProb == null ? null : fitted.value() / fitted.ofOtherHalf(logProb);
    Column powers = transform(col("posterior"), p -> pow(p.cast("double"), col("power")));
    Column shares = transform(col("posterior"), p -> p.divide(col("total")));
    return scores
        .withColumn("power", udf(power, DataTypes.DoubleType).apply(col("log_prob")))
        .withColumn("posterior", powers)
        .withColumn("total", aggregate(col("posterior"), lit(0.0), Column::plus))
        .withColumn("posterior", shares)
        .withColumn(
            "predicted_probability",
            coalesce(array_max(col("posterior")), col("predicted_probability")));
  }
}
