package dev.realnvp.spark.neighbours;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import dev.realnvp.spark.neighbours.Neighbours.Neighbour;
import java.util.Arrays;

/**
 * Finds the nearest of many rows to each of some points, on plain arrays. A block of rows is
 * compared with a block of points by one matrix product,
 *
 * <pre>
 *   |a - b|^2 = |a|^2 + |b|^2 - 2 a b
 * </pre>
 *
 * <p>in floats, whose error is bounded by {@code D 2^-24 (|a|^2 + |b|^2)} (Higham 2002, Accuracy
 * and Stability of Numerical Algorithms, 3.1). Only distances that may be smaller than the smallest
 * so far, within this bound, are computed again in doubles. So the result is that of a search in
 * doubles.
 */
final class NearestRows {

  private static final int ROWS = 256;
  private static final int POINTS = 1024;

  private final int features;
  private final int count;
  private final Floats points;
  private final double[] pointSquares;
  private final Neighbour[] nearest;
  private final double[] nearestSquares;

  private final Floats rows;
  private final double[] rowSquares = new double[ROWS];
  private final long[] ids = new long[ROWS];
  private final Integer[] labels = new Integer[ROWS];
  private final Floats products = new Floats();
  private int filled;

  /**
   * @param points {@code [N, D]}, row-major
   * @param features D
   */
  NearestRows(float[] points, int features) {
    this.features = features;
    this.count = points.length / features;
    this.points = Floats.of(points);
    this.pointSquares = new double[count];
    for (int i = 0; i < count; i++) {
      pointSquares[i] = squares(points, i);
    }
    this.nearest = new Neighbour[count];
    this.nearestSquares = new double[count];
    Arrays.fill(nearestSquares, Double.POSITIVE_INFINITY);
    this.rows = Floats.of(new float[Math.multiplyExact(ROWS, features)]);
  }

  /** Compares a row, {@code [D]}, with the points. */
  void add(long id, Integer label, float[] row) {
    System.arraycopy(row, 0, rows.array(), filled * features, features);
    rowSquares[filled] = squares(rows.array(), filled);
    ids[filled] = id;
    labels[filled] = label;
    filled++;
    if (filled == ROWS) {
      compare();
    }
  }

  /** The nearest row to each point, {@code [N]}; null if there was no row. */
  Neighbour[] found() {
    compare();
    return nearest;
  }

  private void compare() {
    for (int from = 0; from < count && filled > 0; from += POINTS) {
      int some = Math.min(POINTS, count - from);
      products.ensureCapacity((long) ROWS * POINTS);
      Gemm.multiply(
          filled,
          some,
          features,
          Matrix.of(rows, features),
          Matrix.at(points, from * features, features).t(),
          Matrix.of(products, some));
      for (int r = 0; r < filled; r++) {
        for (int i = 0; i < some; i++) {
          compare(from + i, r, products.array()[r * some + i]);
        }
      }
    }
    filled = 0;
  }

  private void compare(int point, int row, float product) {
    double sum = pointSquares[point] + rowSquares[row];
    // Twice the bound, for the rounding outside of the product.
    double error = (features + 4) * 0x1p-23 * sum;
    // Not "greater": a point or a product that is NaN has no neighbours.
    if (!(sum - 2.0 * product - error <= nearestSquares[point])) {
      return;
    }
    double square = squaredDistance(point, row);
    Neighbour found = new Neighbour(ids[row], labels[row], Math.sqrt(square));
    if (Neighbour.nearer(nearest[point], found) == found) {
      nearest[point] = found;
      nearestSquares[point] = square;
    }
  }

  private double squaredDistance(int point, int row) {
    double sum = 0;
    for (int j = 0; j < features; j++) {
      double off = (double) points.array()[point * features + j] - rows.array()[row * features + j];
      sum += off * off;
    }
    return sum;
  }

  private double squares(float[] matrix, int row) {
    double sum = 0;
    for (int j = row * features; j < (row + 1) * features; j++) {
      sum += (double) matrix[j] * matrix[j];
    }
    return sum;
  }
}
