package dev.realnvp.flow;

import java.io.Serializable;
import java.math.BigInteger;

/**
 * A sum of doubles without rounding: the same bits for any order of the terms, and for any partial
 * sums that are added. The sum is an integer in units of 2^-1074, the smallest double, in limbs
 * that overlap:
 *
 * <pre>
 * sum = sum_i limb_i 2^(32 i - 1074)
 * </pre>
 *
 * <p>A term is added to three limbs. Carries above a limb's 32 bits go to the next limb only now
 * and then (Neal 2015, Fast exact summation using small and large superaccumulators).
 */
public final class ExactSum implements Serializable {

  private static final int BITS = 32;
  private static final long MASK = (1L << BITS) - 1;

  /** The largest term ends in limb 65; the last limb is for the sign and for 2^63 such terms. */
  private static final int LIMBS = 68;

  /** Each adds less than 2^32 to a limb, which holds 2^63. */
  private static final int MOST_PENDING = 1 << 30;

  private static final int MANTISSA_BITS = 52;
  private static final int EXPONENTS = 0x7ff;
  private static final int LEAST_EXPONENT = -1074;

  private final long[] limbs = new long[LIMBS];
  private int pending;
  private double notFinite;

  /** Adds a term. If one is not finite, the sum follows IEEE 754. */
  public void add(double term) {
    long bits = Double.doubleToRawLongBits(term);
    int exponent = (int) (bits >>> MANTISSA_BITS) & EXPONENTS;
    if (exponent == EXPONENTS) {
      notFinite += term;
      return;
    }
    long mantissa = bits & ((1L << MANTISSA_BITS) - 1);
    int shift = 0;
    if (exponent > 0) {
      mantissa |= 1L << MANTISSA_BITS;
      shift = exponent - 1;
    }
    int at = shift / BITS;
    int by = shift % BITS;
    // The shifted mantissa is low + 2^32 (high mod 2^32) + 2^64 (high div 2^32).
    long low = mantissa << by & MASK;
    long high = mantissa >>> BITS - by;
    if (bits >= 0) {
      limbs[at] += low;
      limbs[at + 1] += high & MASK;
      limbs[at + 2] += high >>> BITS;
    } else {
      limbs[at] -= low;
      limbs[at + 1] -= high & MASK;
      limbs[at + 2] -= high >>> BITS;
    }
    added();
  }

  /** Adds the terms of another sum. */
  public void add(ExactSum other) {
    other.carry();
    for (int i = 0; i < LIMBS; i++) {
      limbs[i] += other.limbs[i];
    }
    notFinite += other.notFinite;
    added();
  }

  private void added() {
    if (++pending == MOST_PENDING) {
      carry();
    }
  }

  /** Reduces each limb to 32 bits, not negative, except the last one, which has the sign. */
  private void carry() {
    for (int i = 0; i < LIMBS - 1; i++) {
      limbs[i + 1] += limbs[i] >> BITS;
      limbs[i] &= MASK;
    }
    pending = 0;
  }

  /** The sum of the finite terms, in units of 2^-1074. */
  BigInteger units() {
    carry();
    BigInteger units = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) {
      units = units.shiftLeft(BITS).add(BigInteger.valueOf(limbs[i]));
    }
    return units;
  }

  /** The sum, rounded once, to the nearest double. */
  public double value() {
    if (notFinite != 0) {
      return notFinite;
    }
    BigInteger units = units();
    BigInteger size = units.abs();
    int dropped = Math.max(0, size.bitLength() - (Long.SIZE - 1));
    BigInteger top = size.shiftRight(dropped);
    if (dropped > 0 && size.getLowestSetBit() < dropped) {
      // The dropped bits only decide whether the rest is above a tie.
      top = top.setBit(0);
    }
    return units.signum() * Math.scalb((double) top.longValue(), dropped + LEAST_EXPONENT);
  }
}
