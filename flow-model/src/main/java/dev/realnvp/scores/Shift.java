package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;

/**
 * How far the distribution F of a number over rows is from its distribution G over reference rows:
 * the two-sample test of Kolmogorov and Smirnov, whose statistic is
 *
 * <pre>
 *   D = sup_x |F(x) - G(x)|
 * </pre>
 *
 * @param feature the number's index among the features, from 0; null for none of them
 * @param name of the number; null if it has none
 * @param distance D, 0 to 1
 * @param pValue the probability of a distance of at least D if all rows come from one distribution;
 *     with ties it is less
 * @param moved whether the test of all numbers together finds the distance too great for that
 * @param referenceMean the mean over the reference rows; null if none is finite
 * @param mean the same over the rows
 * @param deviations by how many standard deviations of the reference rows the mean moved; null if
 *     they have none
 */
public record Shift(
    @JsonProperty("feature") Integer feature,
    @JsonProperty("name") String name,
    @JsonProperty("distance") double distance,
    @JsonProperty("p_value") double pValue,
    @JsonProperty("moved") boolean moved,
    @JsonProperty("reference_mean") Double referenceMean,
    @JsonProperty("mean") Double mean,
    @JsonProperty("deviations") Double deviations)
    implements Serializable {

  /** The least number of rows and of reference rows. */
  public static final int LEAST_ROWS = 2;

  /**
   * Tests a number.
   *
   * @param reference at least {@link #LEAST_ROWS} values, in any order, no NaN; what is not finite
   *     counts in the distance alone
   * @param values likewise
   */
  public static Shift of(Integer feature, String name, double[] reference, double[] values) {
    double[] before = sorted(reference);
    double[] now = sorted(values);
    KolmogorovSmirnovTest test = new KolmogorovSmirnovTest();
    double distance = test.kolmogorovSmirnovStatistic(before, now);
    double pValue = Math.min(1, Math.max(0, test.kolmogorovSmirnovTest(before, now)));
    Double referenceMean = mean(before);
    Double mean = mean(now);
    double deviation = referenceMean == null ? 0 : deviation(before, referenceMean);
    return new Shift(
        feature,
        name,
        distance,
        pValue,
        false,
        referenceMean,
        mean,
        mean == null || deviation == 0 ? null : (mean - referenceMean) / deviation);
  }

  /** What is infinite becomes the greatest number, so that differences stay numbers. */
  private static double[] sorted(double[] values) {
    return Arrays.stream(values)
        .map(x -> Math.min(Double.MAX_VALUE, Math.max(-Double.MAX_VALUE, x)))
        .sorted()
        .toArray();
  }

  private static boolean isFinite(double value) {
    return Math.abs(value) < Double.MAX_VALUE;
  }

  private static Double mean(double[] sorted) {
    double mean = Arrays.stream(sorted).filter(Shift::isFinite).average().orElse(Double.NaN);
    return Double.isNaN(mean) ? null : (Double) mean;
  }

  private static double deviation(double[] sorted, double mean) {
    return Math.sqrt(
        Arrays.stream(sorted)
            .filter(Shift::isFinite)
            .map(x -> (x - mean) * (x - mean))
            .average()
            .orElse(0));
  }

  Shift moved(boolean has) {
    return new Shift(feature, name, distance, pValue, has, referenceMean, mean, deviations);
  }
}
