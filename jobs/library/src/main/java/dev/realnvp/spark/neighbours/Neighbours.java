package dev.realnvp.spark.neighbours;

import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** The nearest rows of a table to some points, in one pass over the table. */
public final class Neighbours {

  /** What is measured of a row, {@code [M]} of its features. */
  @FunctionalInterface
  public interface Measure extends Serializable {

    float[] of(float[] row);
  }

  private Neighbours() {}

  /**
   * Finds them.
   *
   * @param rows with the columns {@code id, label, embedding}
   * @param measure what distances are measured of, so that no feature dominates
   * @param points with the same number of features, at least one point
   * @return the nearest row to each point, the one with the lowest id if there are several; null
   *     for a point without a row at a finite distance
   */
  public static List<Neighbour> nearest(
      Dataset<Row> rows, Measure measure, List<LabelledVector> points) {
    int features = measure.of(points.get(0).values()).length;
    float[] standardised = new float[Math.multiplyExact(points.size(), features)];
    for (int i = 0; i < points.size(); i++) {
      float[] z = measure.of(points.get(i).values());
      System.arraycopy(z, 0, standardised, i * features, features);
    }
    Broadcast<float[]> shared =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext())
            .broadcast(standardised);
    Neighbour[] nearest =
        rows.select("id", "label", Embeddings.COLUMN)
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(
                part ->
                    List.<Neighbour[]>of(nearest(part, measure, features, shared.value()))
                        .iterator())
            .treeAggregate(new Neighbour[points.size()], Neighbours::nearer, Neighbours::nearer);
    shared.destroy();
    return Arrays.asList(nearest);
  }

  private static Neighbour[] nearest(
      Iterator<InternalRow> rows, Measure measure, int features, float[] points) {
    NearestRows nearest = new NearestRows(points, features);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      nearest.add(
          row.getLong(0),
          row.isNullAt(1) ? null : row.getInt(1),
          measure.of(row.getArray(2).toFloatArray()));
    }
    return nearest.found();
  }

  private static Neighbour[] nearer(Neighbour[] some, Neighbour[] others) {
    Neighbour[] nearer = new Neighbour[some.length];
    for (int i = 0; i < nearer.length; i++) {
      nearer[i] = Neighbour.nearer(some[i], others[i]);
    }
    return nearer;
  }

  /**
   * The row of a table that is nearest to a point.
   *
   * @param id of the row
   * @param label of the row; null if there is none
   * @param distance Euclidean, between standardised features
   */
  public record Neighbour(long id, Integer label, double distance) implements Serializable {

    /**
     * The nearer of two, either of which may be null; if they are equally near, the one with the
     * lower id.
     */
    static Neighbour nearer(Neighbour one, Neighbour other) {
      if (one == null || other == null) {
        return one == null ? other : one;
      }
      int order = Double.compare(one.distance, other.distance);
      return order < 0 || order == 0 && one.id <= other.id ? one : other;
    }
  }
}
