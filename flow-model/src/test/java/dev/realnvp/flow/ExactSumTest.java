package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ExactSumTest {

  /** Of all bits, so of all sizes; and of some sizes, with signs, where much cancels. */
  @Provide
  static Arbitrary<List<Double>> terms() {
    Arbitrary<Double> bits =
        Arbitraries.longs().map(Double::longBitsToDouble).filter(Double::isFinite);
    Arbitrary<Double> alike = Arbitraries.integers().between(-9, 9).map(i -> i * 0.1 + 1e9 * i);
    return Arbitraries.oneOf(List.of(bits, alike, alike.map(x -> Math.scalb(x, -1060))))
        .list()
        .ofMaxSize(60);
  }

  private static ExactSum sum(Stream<Double> terms) {
    ExactSum sum = new ExactSum();
    terms.forEach(sum::add);
    return sum;
  }

  @Property
  void isThatOfAllDigitsRoundedOnce(@ForAll("terms") List<Double> terms) {
    BigDecimal exact = terms.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
    // Of a decimal of a thousand digits, Java's own doubleValue is the nearest double.
    assertThat(sum(terms.stream()).value()).isEqualTo(Double.parseDouble(exact.toString()));
  }

  @Property
  void noOrderAndNoPartingChangesABit(@ForAll("terms") List<Double> terms, @ForAll long seed) {
    Random random = new Random(seed);
    ExactSum[] parts = {new ExactSum(), new ExactSum(), new ExactSum()};
    List<Double> shuffled = new ArrayList<>(terms);
    Collections.shuffle(shuffled, random);
    for (double term : shuffled) {
      parts[random.nextInt(3)].add(term);
    }
    parts[2].add(parts[0]);
    parts[1].add(parts[2]);
    assertThat(parts[1].units()).isEqualTo(sum(terms.stream()).units());
  }

  @Test
  void whatIsNotFiniteStays() {
    assertThat(sum(Stream.of(1.0, Double.POSITIVE_INFINITY, -2.0)).value()).isInfinite();
    assertThat(sum(Stream.of(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)).value()).isNaN();
    assertThat(sum(Stream.of(1.0, Double.NaN)).value()).isNaN();
    assertThat(sum(Stream.of(Double.MAX_VALUE, Double.MAX_VALUE)).value()).isInfinite();
  }

  @Test
  void smallTermsAreNotLostBesideGreatOnes() {
    ExactSum sum = new ExactSum();
    sum.add(1e300);
    for (int i = 0; i < 1000; i++) {
      sum.add(1e-300);
    }
    sum.add(-1e300);
    assertThat(sum.value()).isEqualTo(1000 * 1e-300);
  }
}
