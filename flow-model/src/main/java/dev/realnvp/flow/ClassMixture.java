package dev.realnvp.flow;

import java.util.Arrays;

/**
 * The density of rows with unknown class, from a flow that is conditioned on the class as a one-hot
 * vector:
 *
 * <pre>
 *   log p(x)   = log sum_k pi_k p(x | k)
 *   P(k | x)   = pi_k p(x | k) / p(x)          (Bayes' rule)
 * </pre>
 *
 * <p>A flow without a context is the mixture of one class. For one thread at a time.
 */
public final class ClassMixture {

  private final FlowProgram flow;
  private final double[] logPrior;

  /**
   * @param flow whose context has one value per class, or none
   * @param prior pi, one weight per class, not negative and not all 0; it is normalised to a sum of
   *     1
   * @throws IllegalArgumentException if a weight is invalid, or their number does not fit the flow
   */
  public ClassMixture(RealNVP flow, double[] prior) {
    int classes = Math.max(flow.context(), 1);
    if (prior.length != classes) {
      throw new IllegalArgumentException(
          "Got " + prior.length + " class weights for a flow of " + classes + " classes");
    }
    double total = Arrays.stream(prior).sum();
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)
        || Arrays.stream(prior).anyMatch(p -> p < 0)) {
      throw new IllegalArgumentException(
          "Class weights must be finite, not negative and not all 0; got "
              + Arrays.toString(prior));
    }
    this.flow = FlowProgram.of(flow);
    this.logPrior = Arrays.stream(prior).map(p -> Math.log(p / total)).toArray();
  }

  /** K, the number of classes. */
  public int classes() {
    return logPrior.length;
  }

  /**
   * Scores rows under every class.
   *
   * @param x {@code [N, D]}, row-major
   * @param rows N
   */
  public ClassScores score(float[] x, int rows) {
    int classes = classes();
    double[][] conditional = new double[rows][classes];
    double[] column = new double[rows];
    int[] labels = new int[rows];
    for (int k = 0; k < classes; k++) {
      Arrays.fill(labels, k);
      flow.logProb(x, labels, column);
      for (int i = 0; i < rows; i++) {
        conditional[i][k] = column[i];
      }
    }
    double[] marginal = new double[rows];
    double[][] posterior = new double[rows][classes];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < classes; k++) {
        posterior[i][k] = logPrior[k] + conditional[i][k];
      }
      marginal[i] = logSumExp(posterior[i]);
      for (int k = 0; k < classes; k++) {
        posterior[i][k] = Math.exp(posterior[i][k] - marginal[i]);
      }
    }
    return new ClassScores(conditional, marginal, posterior);
  }

  /** {@code log sum_k exp(terms_k)} without overflow. */
  private static double logSumExp(double[] terms) {
    double max = Arrays.stream(terms).max().orElseThrow();
    return max == Double.NEGATIVE_INFINITY
        ? max
        : max + Math.log(Arrays.stream(terms).map(t -> Math.exp(t - max)).sum());
  }
}
