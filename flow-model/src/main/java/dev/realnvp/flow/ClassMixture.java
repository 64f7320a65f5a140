package dev.realnvp.flow;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The density of rows with unknown class, from a flow that is conditioned on the class as a one-hot
 * vector:
 *
 * <pre>
 *   log p(x)   = log sum_k pi_k p(x | k)
 *   P(k | x)   = pi_k p(x | k) / p(x)          (Bayes' rule)
 * </pre>
 *
 * <p>At a temperature T other than 1, P(k | x) is proportional to the power 1 / T of that.
 *
 * <p>A flow without a context, or given numbers, is the mixture of one class. For one thread at a
 * time.
 */
public final class ClassMixture {

  private final FlowEngine flow;
  private final Optional<Distance> distance;
  private final boolean classes;
  private final double[] logPrior;
  private final double temperature;

  /**
   * @param flow conditioned on as many values as there are classes, on none, or on numbers
   * @param prior pi, a weight per class, not negative and not all 0, which is normalised to a sum
   *     of 1; one weight for an unconditional flow; none for a flow that is conditioned on numbers
   * @throws IllegalArgumentException if the weights are others, or their number is not the flow's
   */
  public ClassMixture(RealNVP flow, double[] prior) {
    this(flow, FlowEngine.of(flow), prior, 1);
  }

  /** One whose results for a row are the same bits whatever rows come with it, at some cost. */
  public static ClassMixture batchInvariant(RealNVP flow, double[] prior) {
    return batchInvariant(flow, prior, 1);
  }

  /** The same at a temperature T, above 0. */
  public static ClassMixture batchInvariant(RealNVP flow, double[] prior, double temperature) {
    return new ClassMixture(flow, FlowEngine.batchInvariant(flow), prior, temperature);
  }

  private ClassMixture(RealNVP flow, FlowEngine engine, double[] prior, double temperature) {
    int expected = Math.max(flow.context(), 1);
    double[] weights = prior.length == 0 ? new double[] {1} : prior;
    if (prior.length > 0 && prior.length != expected) {
      throw new IllegalArgumentException(
          "Got " + prior.length + " class weights for a flow of " + expected + " classes");
    }
    double total = Arrays.stream(weights).sum();
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)
        || Arrays.stream(weights).anyMatch(p -> p < 0)) {
      throw new IllegalArgumentException(
          "Class weights must be finite, not negative and not all 0; got "
              + Arrays.toString(prior));
    }
    this.flow = engine;
    this.distance = Distance.of(flow);
    this.temperature = temperature;
    this.classes = prior.length > 0 && flow.context() > 0;
    this.logPrior = Arrays.stream(weights).map(p -> Math.log(p / total)).toArray();
  }

  /**
   * Scores rows under every class, or under the numbers that they are given.
   *
   * @param x {@code [N, D]}, row-major
   * @param numbers of each row, for a flow that is conditioned on numbers; else ignored
   * @param rows N
   */
  public Scores score(float[] x, Context numbers, int rows) {
    double[][] conditional = new double[rows][logPrior.length];
    double[] column = new double[rows];
    int[] labels = new int[rows];
    for (int k = 0; k < logPrior.length; k++) {
      Arrays.fill(labels, k);
      flow.logProb(x, context(labels, numbers), column);
      for (int i = 0; i < rows; i++) {
        conditional[i][k] = column[i];
      }
    }
    double[] marginal = new double[rows];
    double[][] posterior = new double[rows][logPrior.length];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < logPrior.length; k++) {
        posterior[i][k] = logPrior[k] + conditional[i][k];
      }
      marginal[i] = logSumExp(posterior[i]);
      for (int k = 0; k < logPrior.length; k++) {
        posterior[i][k] = (posterior[i][k] - marginal[i]) / temperature;
      }
      double total = temperature == 1 ? 0 : logSumExp(posterior[i]);
      for (int k = 0; k < logPrior.length; k++) {
        posterior[i][k] = Math.exp(posterior[i][k] - total);
      }
    }
    double[] logProbZ = new double[rows];
    double[] distances = new double[rows];
    for (int i = 0; i < rows; i++) {
      int from = i * flow.features();
      logProbZ[i] = marginal[i] - distance.map(z -> z.logSlopes(x, from)).orElse(Double.NaN);
      distances[i] = distance.map(z -> z.of(x, from)).orElse(Double.NaN);
    }
    return new Scores(conditional, marginal, posterior, logProbZ, distances);
  }

  /**
   * Data to base, under the likeliest class of each row or the numbers that it is given.
   *
   * @param x {@code [N, D]}, row-major
   * @param numbers as in {@link #score}
   * @param scores of the same rows
   * @return z, {@code [N, L]}, row-major
   */
  public float[] toLatent(float[] x, Context numbers, Scores scores) {
    int rows = scores.marginal().length;
    int[] mostLikelyClass = IntStream.range(0, rows).map(scores::mostLikelyClass).toArray();
    return flow.toLatent(x, context(mostLikelyClass, numbers), rows);
  }

  /**
   * {@code d log p(x | k) / dx}, with a class k of each row or the numbers that it is given.
   *
   * @param x {@code [N, D]}, row-major
   * @param numbers as in {@link #score}
   * @param classes {@code [N]}; ignored by a flow that is conditioned on none
   * @return in nats per unit of the feature, {@code [N, D]}, row-major
   */
  float[] gradients(float[] x, Context numbers, int[] classes) {
    float[] gradients = x.clone();
    flow.gradients(gradients, context(classes, numbers), classes.length);
    return gradients;
  }

  /** How many rows of so many classes to score at once: what they take is 32 MB at most. */
  public static int rowsAtOnce(int classes) {
    return Math.max(1, (1 << 25) / (2 * Double.BYTES * Math.max(1, classes)));
  }

  /** How many rows are computed at once; of other numbers, some rows cost more. */
  public int block() {
    return flow.block();
  }

  private Context context(int[] labels, Context numbers) {
    return classes ? new Context.Classes(labels, logPrior.length) : numbers;
  }

  /** {@code log sum_k exp(terms_k)} without overflow. */
  private static double logSumExp(double[] terms) {
    double max = Arrays.stream(terms).max().orElseThrow();
    return max == Double.NEGATIVE_INFINITY
        ? max
        : max + Math.log(Arrays.stream(terms).map(t -> Math.exp(t - max)).sum());
  }

  /**
   * The scores of {@link ClassMixture} for N rows and K classes.
   *
   * @param conditional {@code log p(x | k)}, in nats, {@code [N][K]}
   * @param marginal {@code log p(x)}, in nats, {@code [N]}
   * @param posterior {@code P(k | x)} at the temperature, {@code [N][K]}; each row sums to 1
   * @param logProbZ the log-density of the standardised features, or of what they are along their
   *     curves: {@code log p(x) - sum_j log dz_j/dx_j}. In nats, and the same whatever units the
   *     features are given in; {@code [N]}; NaN if the flow does not standardise
   * @param distance from the train rows, of their middle and of their groups, as {@link Distance}
   *     has it; no unit; {@code [N]}; NaN if the flow does not standardise
   */
  public record Scores(
      double[][] conditional,
      double[] marginal,
      double[][] posterior,
      double[] logProbZ,
      double[] distance) {

    /**
     * Whether row i has a finite density. It has none if, for example, its features are too large
     * for floats; then its other scores mean nothing either.
     */
    public boolean isFinite(int i) {
      return Double.isFinite(marginal[i]);
    }

    /** The class with the highest posterior of row i, if the row has a finite density. */
    public int mostLikelyClass(int i) {
      int best = 0;
      for (int k = 1; k < posterior[i].length; k++) {
        if (posterior[i][k] > posterior[i][best]) {
          best = k;
        }
      }
      return best;
    }
  }
}
