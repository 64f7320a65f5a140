package dev.realnvp.spark.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClosenessTest {

  @Test
  void countsTheSamplesThatAreNearerThanOneHeldOutRowInAHundred() {
    double[] heldOut = IntStream.rangeClosed(0, 200).mapToDouble(i -> i).toArray();
    Closeness closeness = Closeness.of(new double[] {3, 0, 2, 1.9, 500}, heldOut);
    assertThat(closeness.samples()).isEqualTo(5);
    assertThat(closeness.median()).isEqualTo(2);
    Closeness.Reference reference = closeness.reference().orElseThrow();
    assertThat(reference.rows()).isEqualTo(201);
    assertThat(reference.median()).isCloseTo(100, within(1e-9));
    assertThat(reference.limit()).isCloseTo(2, within(1e-9));
    assertThat(reference.nearer()).isEqualTo(2);
  }

  @Test
  void hasNoReferenceWhereNoRowsWereHeldOut() {
    assertThat(Closeness.of(new double[] {1}, new double[0]))
        .isEqualTo(new Closeness(1, 1, java.util.Optional.empty()));
  }
}
