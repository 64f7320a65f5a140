package dev.realnvp.spark.inference;

import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Marginal;
import dev.realnvp.scores.Reference;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Compares rows with reference rows, under a flow. Features are summed up and tested on the
 * executors, one at a time; only log-densities come to the driver.
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

  /**
   * Compares.
   *
   * @param reference of these features and classes
   * @param rows with the columns of embeddings/, not many
   * @param falseAlarmRate above 0 and below 1
   * @throws InvalidInputException if there are fewer than {@value Shift#LEAST_ROWS} rows
   */
  public Drift compare(Reference reference, Dataset<Row> rows, double falseAlarmRate) {
    List<String> names = features;
    List<Marginal> before = reference.features();
    Dataset<Row> now = rows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Drift.Scored scored = scored(now);
      if (scored.logProb().length < Shift.LEAST_ROWS) {
        throw new InvalidInputException(
            "got %d rows to compare, expected at least %d"
                .formatted(scored.logProb().length, Shift.LEAST_ROWS));
      }
      List<Shift> shifts =
          features(now, (j, x) -> Shift.of(j, names.get(j), before.get(j), Marginal.of(x)));
      return Drift.of(falseAlarmRate, reference, scored, shifts, classes);
    } finally {
      now.unpersist();
    }
  }

  /**
   * What other rows can be compared with.
   *
   * @param rows with the columns of embeddings/, not many, cached
   * @param split how they are called
   */
  public Reference reference(Dataset<Row> rows, String split) {
    int most = Reference.values(features.size());
    return Reference.of(split, scored(rows), features(rows, (j, x) -> Marginal.of(x, most)));
  }

  private Drift.Scored scored(Dataset<Row> rows) {
    List<Row> scores =
        FlowScorer.score(rows, model, prior, 1, LabelNames.NONE, null, Explanations.NONE, 0, batch)
            .select("log_prob", "predicted_label")
            .collectAsList();
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

  /**
   * What there is to say of each feature.
   *
   * @param say of its index and its values, on an executor
   */
  private <T> List<T> features(Dataset<Row> rows, Function2<Integer, double[], T> say) {
    int count = features.size();
    JavaRDD<Row> vectors = rows.select(Embeddings.COLUMN).javaRDD();
    Map<Integer, T> said =
        vectors
            .mapPartitionsToPair(partition -> columns(partition, count))
            .groupByKey(Math.min(count, vectors.getNumPartitions()))
            .mapToPair(of -> new Tuple2<>(of._1(), say.call(of._1(), values(of._2()))))
            .collectAsMap();
    return IntStream.range(0, count).mapToObj(said::get).toList();
  }

  private static Iterator<Tuple2<Integer, float[]>> columns(Iterator<Row> rows, int features) {
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
              return new Tuple2<>(j, values);
            })
        .iterator();
  }

  private static double[] values(Iterable<float[]> parts) {
    return StreamSupport.stream(parts.spliterator(), false)
        .flatMapToDouble(part -> IntStream.range(0, part.length).mapToDouble(i -> part[i]))
        .toArray();
  }
}
