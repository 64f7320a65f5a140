package dev.realnvp.spark.inference;

import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Compares rows with reference rows, under a flow. Features are tested on the executors, one per
 * task; only log-densities come to the driver.
 *
 * @param model the flow's model
 * @param prior a weight per class, or one
 * @param features the names of the features, and of the numbers behind them that the flow is
 *     conditioned on
 * @param classes the names of the classes; none without classes
 * @param batch rows of a batch
 */
public record FlowComparison(
    Broadcast<SharedModel> model,
    double[] prior,
    List<String> features,
    List<String> classes,
    int batch) {

  /** The values of a feature in a partition. */
  private record Part(boolean reference, float[] values) implements Serializable {}

  /**
   * Compares.
   *
   * @param reference with the columns of embeddings/, not many
   * @param split how the reference rows are called
   * @param rows likewise
   * @param falseAlarmRate above 0 and below 1
   * @throws InvalidInputException if either are fewer than {@value Shift#LEAST_ROWS}
   */
  public Drift compare(
      Dataset<Row> reference, String split, Dataset<Row> rows, double falseAlarmRate) {
    Dataset<Row> before = reference.persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> now = rows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return Drift.of(
          falseAlarmRate, split, scored(before), scored(now), shifts(before, now), classes);
    } finally {
      before.unpersist();
      now.unpersist();
    }
  }

  private Drift.Scored scored(Dataset<Row> rows) {
    List<Row> scores =
        FlowScorer.score(rows, model, prior, 1, LabelNames.NONE, null, Explanations.NONE, batch)
            .select("log_prob", "predicted_label")
            .collectAsList();
    if (scores.size() < Shift.LEAST_ROWS) {
      throw new InvalidInputException(
          "got %d rows to compare, expected at least %d"
              .formatted(scores.size(), Shift.LEAST_ROWS));
    }
    long[] counts = new long[classes.size()];
    scores.stream()
        .filter(row -> !row.isNullAt(1) && counts.length > 0)
        .forEach(row -> counts[row.getInt(1)]++);
    return new Drift.Scored(
        scores.stream()
            .mapToDouble(row -> row.isNullAt(0) ? Double.NEGATIVE_INFINITY : row.getDouble(0))
            .toArray(),
        counts);
  }

  private List<Shift> shifts(Dataset<Row> reference, Dataset<Row> rows) {
    JavaPairRDD<Integer, Part> parts =
        parts(reference, true, features.size()).union(parts(rows, false, features.size()));
    List<String> names = features;
    return parts
        .groupByKey(Math.min(features.size(), parts.getNumPartitions()))
        .map(feature -> shift(feature._1(), names.get(feature._1()), feature._2()))
        .collect()
        .stream()
        .sorted(Comparator.comparing(Shift::feature))
        .toList();
  }

  private static JavaPairRDD<Integer, Part> parts(
      Dataset<Row> rows, boolean reference, int features) {
    return rows.select(Embeddings.COLUMN)
        .javaRDD()
        .mapPartitionsToPair(partition -> columns(partition, reference, features));
  }

  private static Iterator<Tuple2<Integer, Part>> columns(
      Iterator<Row> rows, boolean reference, int features) {
    VectorColumn column = new VectorColumn(Embeddings.COLUMN, "features", features);
    List<float[]> read = new ArrayList<>();
    while (rows.hasNext()) {
      float[] x = new float[features];
      column.read(rows.next(), 0, x, 0);
      read.add(x);
    }
    return IntStream.range(0, features)
        .mapToObj(
            j -> {
              float[] values = new float[read.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = read.get(i)[j];
              }
              return new Tuple2<>(j, new Part(reference, values));
            })
        .iterator();
  }

  private static Shift shift(int feature, String name, Iterable<Part> parts) {
    return Shift.of(feature, name, values(parts, true), values(parts, false));
  }

  private static double[] values(Iterable<Part> parts, boolean reference) {
    int count = 0;
    for (Part part : parts) {
      count += part.reference == reference ? part.values.length : 0;
    }
    double[] values = new double[count];
    int at = 0;
    for (Part part : parts) {
      for (int i = 0; part.reference == reference && i < part.values.length; i++) {
        values[at++] = part.values[i];
      }
    }
    return values;
  }
}
