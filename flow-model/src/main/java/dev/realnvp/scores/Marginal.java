package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The distribution of a number over rows, in bounded size: at some of its values, how many rows
 * have less, and how many the same. What is infinite counts as the greatest double.
 *
 * @param count of the rows
 * @param mean over those that are finite; null if none is
 * @param deviation their standard deviation
 * @param values ascending: all that there are, or if they are many, the outermost, the median, and
 *     others at even ranks
 * @param below how many rows have less, of each value
 * @param equal how many have it
 */
public record Marginal(
    @JsonProperty("count") long count,
    @JsonProperty("mean") Double mean,
    @JsonProperty("deviation") double deviation,
    @JsonProperty("values") double[] values,
    @JsonProperty("below") long[] below,
    @JsonProperty("equal") long[] equal)
    implements Serializable {

  /** So many values are few. */
  private static final int FEW = 20;

  /** Of fewer rows for each value, its share says nothing. */
  private static final int LEAST_OF_EACH = 5;

  /** One row of so many may be beyond the range. */
  private static final int OUTER = 1000;

  /**
   * @throws IllegalArgumentException if it is not complete
   */
  public Marginal {
    if (values.length == 0 || below.length != values.length || equal.length != values.length) {
      throw new IllegalArgumentException("expected values of a number, and two counts of each");
    }
  }

  /** Of numbers in any order: all their values. What is missing, NaN, is below all of them. */
  public static Marginal of(double[] numbers) {
    return of(numbers, numbers.length);
  }

  /**
   * Of numbers in any order. What is missing, NaN, is below all of them.
   *
   * @param most values, and up to five more
   */
  public static Marginal of(double[] numbers, int most) {
    // What is added makes one zero of two.
    double[] sorted =
        Arrays.stream(numbers)
            .map(x -> Double.isNaN(x) ? Double.NEGATIVE_INFINITY : x)
            .map(x -> Math.min(Double.MAX_VALUE, Math.max(-Double.MAX_VALUE, x)) + 0.0)
            .sorted()
            .toArray();
    int[] all =
        IntStream.range(0, sorted.length)
            .filter(i -> i == 0 || sorted[i] > sorted[i - 1])
            .toArray();
    // The place of the first row of each kept value.
    int[] kept =
        all.length <= most
            ? all
            : ranks(sorted.length, most)
                .map(k -> Distribution.less(sorted, sorted[k]))
                .sorted()
                .distinct()
                .toArray();
    double[] finite = Arrays.stream(sorted).filter(x -> shown(x) != null).toArray();
    double mean = Arrays.stream(finite).average().orElse(0);
    return new Marginal(
        sorted.length,
        finite.length == 0 ? null : (Double) mean,
        Math.sqrt(Arrays.stream(finite).map(x -> (x - mean) * (x - mean)).average().orElse(0)),
        Arrays.stream(kept).mapToDouble(k -> sorted[k]).toArray(),
        Arrays.stream(kept).asLongStream().toArray(),
        Arrays.stream(kept).mapToLong(k -> Distribution.atMost(sorted, sorted[k]) - k).toArray());
  }

  private static IntStream ranks(int count, int most) {
    return IntStream.concat(
        IntStream.of(count / OUTER, count - 1 - count / OUTER, (count - 1) / 2),
        IntStream.range(0, most).map(i -> (int) ((long) i * (count - 1) / (most - 1))));
  }

  /** A value; null if it is infinite. */
  static Double shown(double value) {
    return Math.abs(value) < Double.MAX_VALUE ? (Double) value : null;
  }

  /** Whether all values are kept, and they are few. */
  boolean few() {
    return values.length <= FEW
        && count >= LEAST_OF_EACH * values.length
        && LongStream.of(equal).sum() == count;
  }

  /** The lower median; null if it is infinite. */
  Double median() {
    return shown(values[at((count - 1) / 2)]);
  }

  /** The place of the value at a rank, from 0. */
  private int at(long rank) {
    return IntStream.range(0, values.length)
        .filter(i -> below[i] + equal[i] > rank)
        .findFirst()
        .getAsInt();
  }

  /** The place of the least value but for the outermost thousandth of the rows. */
  int low() {
    return at(count / OUTER);
  }

  /** That of the greatest one. */
  int high() {
    return at(count - 1 - count / OUTER);
  }

  /** How many rows have less than a number, of which all values are kept. */
  long less(double number) {
    int place = Arrays.binarySearch(values, number);
    int above = place >= 0 ? place : -place - 1;
    return above < values.length ? below[above] : count;
  }

  /** How many have it, likewise. */
  long equal(double number) {
    int place = Arrays.binarySearch(values, number);
    return place >= 0 ? equal[place] : 0;
  }
}
