package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far the distribution F of a number over rows is from its distribution G over reference rows,
 * at the values x that are known of G:
 *
 * <pre>
 *   D = sup_x |F(x) - G(x)|
 * </pre>
 *
 * Half of the p-value's probability goes to the test of Kolmogorov and Smirnov, or if the number
 * has few values, to that of their shares; half to that of rows outside of the reference's range.
 *
 * @param feature the number's index among the features, from 0; null for none of them
 * @param name of the number; null if it has none
 * @param distance D, 0 to 1
 * @param pValue the probability of such a shift if all rows come from one distribution; that is at
 *     most this, and this is at least {@value #SMALLEST}
 * @param moved whether the test of all numbers together finds it too improbable
 * @param referenceMean the mean over the reference rows; null if none is finite
 * @param mean the same over the rows
 * @param deviations by how many standard deviations of the reference rows the mean moved; null if
 *     they have none
 * @param referenceMedian the median of the reference rows; null if it is infinite
 * @param median that of the rows
 * @param range of the reference rows but for the outermost thousandth on each side
 * @param outside how many rows are outside of it
 */
public record Shift(
    @JsonProperty("feature") Integer feature,
    @JsonProperty("name") String name,
    @JsonProperty("distance") double distance,
    @JsonProperty("p_value") double pValue,
    @JsonProperty("moved") boolean moved,
    @JsonProperty("reference_mean") Double referenceMean,
    @JsonProperty("mean") Double mean,
    @JsonProperty("deviations") Double deviations,
    @JsonProperty("reference_median") Double referenceMedian,
    @JsonProperty("median") Double median,
    @JsonProperty("range") List<Double> range,
    @JsonProperty("outside") long outside)
    implements Serializable {

  /** The least number of rows and of reference rows. */
  public static final int LEAST_ROWS = 2;

  /** A value of so many reference rows is a kind of its own. */
  private static final int COMMON = 5;

  /** Below this one a p-value is rounding. */
  public static final double SMALLEST = 1e-15;

  /**
   * Tests a number.
   *
   * @param reference of at least {@link #LEAST_ROWS} rows
   * @param rows likewise, with all values
   */
  public static Shift of(Integer feature, String name, Marginal reference, Marginal rows) {
    double n = reference.count();
    double m = rows.count();
    double[] values = reference.values();
    long[] below = reference.below();
    long[] equal = reference.equal();
    long[] less = Arrays.stream(values).mapToLong(rows::less).toArray();
    long[] same = Arrays.stream(values).mapToLong(rows::equal).toArray();
    double distance =
        IntStream.range(0, values.length)
            .mapToDouble(
                i ->
                    Math.max(
                        Math.abs(below[i] / n - less[i] / m),
                        Math.abs((below[i] + equal[i]) / n - (less[i] + same[i]) / m)))
            .max()
            .orElseThrow();
    int low = reference.low();
    int high = reference.high();
    long right = rows.count() - less[high] - same[high];
    double outside =
        Math.min(
            TwoSamples.beyond(below[low], reference.count(), less[low], rows.count()),
            TwoSamples.beyond(
                reference.count() - below[high] - equal[high],
                reference.count(),
                right,
                rows.count()));
    double inside =
        reference.few()
            ? TwoSamples.homogeneity(
                kinds(equal, equal, reference.count()), kinds(equal, same, rows.count()))
            : TwoSamples.kolmogorov(distance, n, m);
    boolean known = reference.mean() != null && rows.mean() != null && reference.deviation() > 0;
    return new Shift(
        feature,
        name,
        distance,
        Math.max(SMALLEST, Math.min(1, 2 * Math.min(inside, 2 * outside))),
        false,
        reference.mean(),
        rows.mean(),
        known ? (Double) ((rows.mean() - reference.mean()) / reference.deviation()) : null,
        reference.median(),
        rows.median(),
        Arrays.asList(Marginal.shown(values[low]), Marginal.shown(values[high])),
        less[low] + right);
  }

  /**
   * Counts of the values that are common among the reference rows, and last of all others. What no
   * reference row has is no kind of its own: of many rare values, other rows have such ones.
   */
  private static long[] kinds(long[] reference, long[] counts, long all) {
    long[] kinds = new long[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      kinds[i] = reference[i] < COMMON ? 0 : counts[i];
    }
    kinds[counts.length] = all - Arrays.stream(kinds).sum();
    return kinds;
  }

  Shift moved(boolean has) {
    return new Shift(
        feature,
        name,
        distance,
        pValue,
        has,
        referenceMean,
        mean,
        deviations,
        referenceMedian,
        median,
        range,
        outside);
  }
}
