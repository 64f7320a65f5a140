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
   * Whether row i has a finite density. Of one that has not, because its features are beyond what
   * floats can carry through the flow say, nothing else is known either.
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
