package dev.realnvp.flow;

/**
 * The scores of {@link ClassMixture} for N rows and K classes.
 *
 * @param conditional {@code log p(x | k)}, in nats, {@code [N][K]}
 * @param marginal {@code log p(x)}, in nats, {@code [N]}
 * @param posterior {@code P(k | x)}, {@code [N][K]}; each row sums to 1
 */
public record ClassScores(double[][] conditional, double[] marginal, double[][] posterior) {

  /**
   * Makes scores of densities without classes, as of a single class.
   *
   * @param logProb {@code log p(x)}, in nats, {@code [N]}
   */
  public static ClassScores ofOneClass(double[] logProb) {
    double[][] posterior = new double[logProb.length][];
    double[][] conditional = new double[logProb.length][];
    for (int i = 0; i < logProb.length; i++) {
      posterior[i] = new double[] {1};
      conditional[i] = new double[] {logProb[i]};
    }
    return new ClassScores(conditional, logProb, posterior);
  }

  /**
   * Whether row i has a finite density. If it has not, for example because its features are too
   * large for the flow's floats, nothing else is known about it.
   */
  public boolean isFinite(int i) {
    return Double.isFinite(marginal[i]);
  }

  /** The class with the highest posterior of row i, if the row has a finite density. */
  public int likeliest(int i) {
    int best = 0;
    for (int k = 1; k < posterior[i].length; k++) {
      if (posterior[i][k] > posterior[i][best]) {
        best = k;
      }
    }
    return best;
  }
}
