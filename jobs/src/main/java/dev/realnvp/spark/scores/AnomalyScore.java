package dev.realnvp.spark.scores;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * How strange rows are compared with the rows of the distributions: the length of two deviations,
 *
 * <pre>
 * a = sqrt(d^2 + e^2)
 * d = max(0, (q50 - log p(x)) / (q50 - q16))        of the log-densities
 * e = max(0, (r - q50) / (q84 - q50))               of the reconstruction errors r
 * </pre>
 *
 * <p>where q50 is the median, and q16 and q84 are the quantiles one standard deviation away from it
 * in a normal distribution. If these tie with the median, quantiles further out are used ({@link
 * Distribution}), so that the score of a finite row is finite. A greater score is stranger. A row
 * that is more likely, or better reconstructed, than usual gets no credit for that: neither
 * deviation hides the other one.
 *
 * @param logProb of the rows, log p(x) in nats
 * @param reconstructionError of the rows, nats per pixel; null to leave e out
 */
record AnomalyScore(Distribution logProb, Distribution reconstructionError)
    implements Serializable {

  /**
   * The score of a row.
   *
   * @param density its log p(x), in nats
   * @param error its reconstruction error, nats per pixel; ignored if e is left out
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
