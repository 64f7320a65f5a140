package dev.realnvp.spark.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestDistancesTest {

  @Test
  void countsTheSamplesThatAreNearerThanOneHeldOutRowInAHundred() {
    double[] heldOut = IntStream.rangeClosed(0, 200).mapToDouble(i -> i).toArray();
    NearestDistances closeness = NearestDistances.of(new double[] {3, 0, 2, 1.9, 500}, heldOut);
    assertThat(closeness.samples()).isEqualTo(5);
    assertThat(closeness.median()).isEqualTo(2);
    NearestDistances.Reference reference = closeness.reference().orElseThrow();
    assertThat(reference.rows()).isEqualTo(201);
    assertThat(reference.median()).isCloseTo(100, within(1e-9));
    assertThat(reference.limit()).isCloseTo(2, within(1e-9));
    assertThat(reference.nearer()).isEqualTo(2);
    assertThat(closeness.sentences())
        .containsExactly(
            "nearest train row: in the median 2.00 from each of 5 samples, 100 from each of 201 test"
                + " rows",
            "2 of 5 samples (40.0 %) are nearer than 2.00, as 1 % of the test rows are");
  }

  @Test
  void hasNoReferenceWhereNoRowsWereHeldOut() {
    NearestDistances closeness = NearestDistances.of(new double[] {1}, new double[0]);
    assertThat(closeness.reference()).isEmpty();
    assertThat(closeness.sentences())
        .containsExactly(
            "nearest train row: in the median 1.00 from each of 1 samples; there are no test rows to"
                + " compare with");
  }
}
