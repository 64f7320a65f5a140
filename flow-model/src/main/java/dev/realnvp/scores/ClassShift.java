package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.math3.stat.inference.ChiSquareTest;

/**
 * How far the shares of classes among rows are from those among reference rows: the chi-squared
 * test of homogeneity. Classes of which it would expect fewer than {@value #LEAST} rows count as
 * one.
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

  private static final int LEAST = 5;

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
    return new ClassShift(distance, pValue(reference, rows), false, shares);
  }

  private static double pValue(long[] reference, long[] rows) {
    long before = LongStream.of(reference).sum();
    long now = LongStream.of(rows).sum();
    double least = LEAST * (before + now) / (double) Math.min(before, now);
    List<long[]> bins = new ArrayList<>();
    long[] rest = {0, 0};
    for (int k = 0; k < rows.length; k++) {
      if (reference[k] + rows[k] >= least) {
        bins.add(new long[] {reference[k], rows[k]});
      } else {
        rest[0] += reference[k];
        rest[1] += rows[k];
      }
    }
    if (rest[0] + rest[1] >= least) {
      bins.add(rest);
    }
    return bins.size() < 2
        ? 1
        : new ChiSquareTest()
            .chiSquareTestDataSetsComparison(
                bins.stream().mapToLong(bin -> bin[0]).toArray(),
                bins.stream().mapToLong(bin -> bin[1]).toArray());
  }

  ClassShift moved(boolean has) {
    return new ClassShift(distance, pValue, has, shares);
  }
}
