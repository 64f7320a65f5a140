package dev.realnvp.jobs.report;

import java.util.List;

/**
 * Embeddings, and samples over them, in the plane of their first two principal components.
 *
 * @param varianceShares of the two
 * @param rows of the table
 * @param samples of the flow
 * @param farOut how many more rows there are, too far from the others to be shown
 */
public record Plane(double[] varianceShares, List<Point> rows, List<Point> samples, int farOut) {

  /**
   * A row.
   *
   * @param label null where there is none
   */
  public record Point(double x, double y, Integer label) {}
}
