package dev.realnvp.flow;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Mean and variance of each feature over weighted rows, in one pass. Three sums are kept without
 * rounding, {@link ExactSum},
 *
 * <pre>
 * W = sum w,  S = sum w x,  Q = sum w x^2
 * mean = S / W,  variance = (W Q - S^2) / W^2
 * </pre>
 *
 * <p>and the fractions are computed from the exact integers. So nothing cancels, and the result has
 * the same bits for any order and any partition of the rows.
 */
public final class Moments implements Serializable {

  private final ExactSum weight = new ExactSum();
  private final ExactSum[] sums;
  private final ExactSum[] squares;

  /** Moments of no rows, with D features. */
  public Moments(int features) {
    sums = zeros(features);
    squares = zeros(features);
  }

  private static ExactSum[] zeros(int count) {
    return Stream.generate(ExactSum::new).limit(count).toArray(ExactSum[]::new);
  }

  /**
   * Adds a row.
   *
   * @param row {@code [D]}, finite
   * @param rowWeight w, finite and not negative
   */
  public void add(float[] row, float rowWeight) {
    weight.add(rowWeight);
    for (int j = 0; j < sums.length; j++) {
      // Floats have 24 bits, so only the second of these products of doubles is rounded.
      double weighted = (double) rowWeight * row[j];
      double square = weighted * row[j];
      double rest = Math.fma(weighted, row[j], -square);
      sums[j].add(weighted);
      squares[j].add(square);
      if (rest != 0) {
        squares[j].add(rest);
      }
    }
  }

  /** Adds the rows of other moments. */
  public void add(Moments other) {
    weight.add(other.weight);
    for (int j = 0; j < sums.length; j++) {
      sums[j].add(other.sums[j]);
      squares[j].add(other.squares[j]);
    }
  }

  /** The means, {@code [D]}; NaN if there are no rows. */
  public double[] mean() {
    BigInteger all = weight.units();
    return IntStream.range(0, sums.length)
        .mapToDouble(j -> fraction(sums[j].units(), all))
        .toArray();
  }

  /** The standard deviations of the population, {@code [D]}; NaN if there are no rows. */
  public double[] deviation() {
    BigInteger all = weight.units();
    return IntStream.range(0, sums.length)
        .mapToDouble(
            j -> {
              BigInteger sum = sums[j].units();
              return Math.sqrt(
                  fraction(
                      all.multiply(squares[j].units()).subtract(sum.multiply(sum)),
                      all.multiply(all)));
            })
        .toArray();
  }

  private static double fraction(BigInteger dividend, BigInteger divisor) {
    if (dividend.signum() == 0 || divisor.signum() == 0) {
      return divisor.signum() == 0 ? Double.NaN : 0;
    }
    // Units are far smaller than the terms, so most of the last bits are zeros.
    int zeros = Math.min(dividend.getLowestSetBit(), divisor.getLowestSetBit());
    return new BigDecimal(dividend.shiftRight(zeros))
        .divide(new BigDecimal(divisor.shiftRight(zeros)), MathContext.DECIMAL128)
        .doubleValue();
  }
}
