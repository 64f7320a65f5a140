package dev.realnvp.spark.scores;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * How strange rows are next to those that the distributions are of: the length of what is strange
 * about a row, in deviations,
 *
 * <pre>
 * a = sqrt(d^2 + e^2)
 * d = max(0, (q50 - log p(x)) / (q50 - q16))        of the log-densities
 * e = max(0, (r - q50) / (q84 - q50))               of the reconstruction errors r
 * </pre>
 *
 * <p>where q50 is the median, and q16 and q84 are the quantiles that a normal distribution has one
 * standard deviation away from it; where they tie with the median, further ones ({@link
 * Distribution}), so that the score of a finite row is finite. To be likelier, or better
 * reconstructed, than usual makes up for nothing: neither score hides what the other one shows.
 *
 * @param logProb of the rows, log p(x) in nats
 * @param reconstructionError of the rows, nats a pixel; null to leave e out
 */
record AnomalyScore(Distribution logProb, Distribution reconstructionError)
    implements Serializable {

  /**
   * The score of a row.
   *
   * @param density its log p(x), in nats
   * @param error its reconstruction error, nats a pixel; of no matter where e is left out
   */
  double of(double density, double error) {
    double strangeness = logProb.deviationsBelow(density);
    return reconstructionError == null
        ? strangeness
        : Math.hypot(strangeness, reconstructionError.deviationsAbove(error));
  }

  /** The scores of rows. */
  double[] of(ScoredRows rows) {
    return IntStream.range(0, rows.size())
        .mapToDouble(
            i ->
                of(
                    rows.logProb()[i],
                    rows.reconstructed() ? rows.reconstructionError()[i] : Double.NaN))
        .toArray();
  }
}
