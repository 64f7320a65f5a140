package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How far the shares of classes among rows are from those among reference rows: the chi-squared
 * test of homogeneity. Classes of which it would expect fewer than 5 rows are put together.
 *
 * @param distance half of the sum of the absolute differences of the shares, 0 to 1: the share of
 *     rows whose class would have to be another one
 * @param pValue the probability of such a statistic if all rows come from one distribution
 * @param moved whether the test of all numbers together finds it too great for that
 * @param shares of each class, from 0
 */
public record ClassShift(
    @JsonProperty("distance") double distance,
    @JsonProperty("p_value") double pValue,
    @JsonProperty("moved") boolean moved,
    @JsonProperty("shares") List<Share> shares) {

  /**
   * The share of a class.
   *
   * @param name the class's name, or its number
   * @param reference its share among the reference rows
   * @param share its share among the rows
   */
  public record Share(
      @JsonProperty("name") String name,
      @JsonProperty("reference_share") double reference,
      @JsonProperty("share") double share) {}

  /**
   * Tests the shares.
   *
   * @param names of the classes, {@code [K]}
   * @param reference how many reference rows each class has, {@code [K]}
   * @param rows how many rows it has, {@code [K]}
   */
  static ClassShift of(List<String> names, long[] reference, long[] rows) {
    double before = Math.max(1, LongStream.of(reference).sum());
    double now = Math.max(1, LongStream.of(rows).sum());
    List<Share> shares =
        IntStream.range(0, names.size())
            .mapToObj(k -> new Share(names.get(k), reference[k] / before, rows[k] / now))
            .toList();
    double distance =
        shares.stream().mapToDouble(s -> Math.abs(s.share() - s.reference())).sum() / 2;
    return new ClassShift(distance, TwoSamples.homogeneity(reference, rows), false, shares);
  }

  ClassShift moved(boolean has) {
    return new ClassShift(distance, pValue, has, shares);
  }
}
