package dev.realnvp.engine;

/** Determinants of numeric Jacobians. */
public final class Jacobian {

  private Jacobian() {}

  /** {@code log |det a|}, by Gaussian elimination with the largest pivot; overwrites a. */
  public static double logAbsDet(double[][] a) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      int pivot = k;
      for (int i = k + 1; i < a.length; i++) {
        pivot = Math.abs(a[i][k]) > Math.abs(a[pivot][k]) ? i : pivot;
      }
      double[] swap = a[k];
      a[k] = a[pivot];
      a[pivot] = swap;
      sum += Math.log(Math.abs(a[k][k]));
      for (int i = k + 1; i < a.length; i++) {
        double factor = a[i][k] / a[k][k];
        for (int j = k; j < a.length; j++) {
          a[i][j] -= factor * a[k][j];
        }
      }
    }
    return sum;
  }
}
