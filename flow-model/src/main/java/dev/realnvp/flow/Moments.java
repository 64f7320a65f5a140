package dev.realnvp.flow;

import java.io.Serializable;

/**
 * Mean and variance of each feature over weighted rows, in doubles and one pass, without the
 * cancellation of a sum of squares. Rows are added one by one:
 *
 * <pre>
 * W = W + w,  d = x - mean,  mean = mean + w / W d,  S = S + w d (x - mean)
 * </pre>
 *
 * <p>(West 1979, Updating mean and variance estimates), and two sets of rows are joined by
 *
 * <pre>
 * d = mean_b - mean_a,  mean = mean_a + W_b / W d,  S = S_a + S_b + W_a W_b / W d^2
 * </pre>
 *
 * <p>(Chan, Golub and LeVeque 1983, Algorithms for computing the sample variance). The variance is
 * S / W.
 */
public final class Moments implements Serializable {

  private double weight;
  private final double[] mean;
  private final double[] squares;

  /** Of no rows of D features. */
  public Moments(int features) {
    mean = new double[features];
    squares = new double[features];
  }

  /**
   * Adds a row.
   *
   * @param row {@code [D]}
   * @param rowWeight w, finite and not negative
   */
  public void add(float[] row, double rowWeight) {
    if (rowWeight == 0) {
      return;
    }
    weight += rowWeight;
    double share = rowWeight / weight;
    for (int j = 0; j < mean.length; j++) {
      double off = row[j] - mean[j];
      mean[j] += share * off;
      squares[j] += rowWeight * off * (row[j] - mean[j]);
    }
  }

  /** Adds the rows of another one. */
  public void add(Moments other) {
    if (other.weight == 0) {
      return;
    }
    double sum = weight + other.weight;
    double share = other.weight / sum;
    for (int j = 0; j < mean.length; j++) {
      double off = other.mean[j] - mean[j];
      squares[j] += other.squares[j] + weight * share * off * off;
      mean[j] += share * off;
    }
    weight = sum;
  }

  /** The means, {@code [D]}. */
  public double[] mean() {
    return mean.clone();
  }

  /** The standard deviations of the population, {@code [D]}. */
  public double[] deviation() {
    double[] deviation = new double[squares.length];
    for (int j = 0; j < deviation.length; j++) {
      deviation[j] = Math.sqrt(squares[j] / weight);
    }
    return deviation;
  }
}
