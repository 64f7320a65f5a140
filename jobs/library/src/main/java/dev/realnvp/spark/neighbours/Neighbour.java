package dev.realnvp.spark.neighbours;

import java.io.Serializable;

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
