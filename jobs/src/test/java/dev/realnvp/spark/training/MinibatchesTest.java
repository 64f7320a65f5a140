package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.rows.Minibatches;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MinibatchesTest {

  private static List<Integer> sizes(int rows, int steps) {
    Minibatches cut = Minibatches.of(rows, steps);
    return IntStream.range(0, cut.count())
        .mapToObj(i -> (int) (cut.begin(i + 1) - cut.begin(i)))
        .toList();
  }

  @Property
  void sizesDifferByOneRowAtMostAndAddUp(
      @ForAll @IntRange(min = 1, max = 100_000) int rows,
      @ForAll @IntRange(min = 1, max = 1_000) int batch) {
    int steps = Minibatches.stepsPerEpoch(new long[] {rows}, batch);
    List<Integer> sizes = sizes(rows, steps);

    assertThat(sizes).hasSize((rows + batch - 1) / batch);
    assertThat(sizes).allMatch(size -> size == rows / steps || size == (rows - 1) / steps + 1);
    assertThat(sizes).allMatch(size -> size >= 1 && size <= batch);
    assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(rows);
  }

  @Property
  void rowsThatDivideEvenlyAreCutIntoWholeMinibatches(
      @ForAll @IntRange(min = 1, max = 500) int steps,
      @ForAll @IntRange(min = 1, max = 500) int batch) {
    assertThat(sizes(steps * batch, steps)).hasSize(steps).containsOnly(batch);
  }

  /** As the dealing of rows leaves them: the shards differ by one row at most. */
  @Property
  void workersTakeTheSameNumberOfSteps(
      @ForAll @IntRange(min = 1, max = 100_000) int most,
      @ForAll @IntRange(min = 2, max = 1_000) int batch) {
    int steps = Minibatches.stepsPerEpoch(new long[] {most, most - 1}, batch);

    assertThat(sizes(most - 1, steps)).hasSize(Math.min(steps, most - 1));
    assertThat(sizes(most - 1, steps)).allMatch(size -> size >= 1 && size <= batch);
  }

  @Test
  void fewerRowsThanStepsAreMinibatchesOfOne() {
    assertThat(sizes(3, 5)).containsExactly(1, 1, 1);
    assertThat(sizes(0, 5)).isEmpty();
  }

  @Test
  void noProductOverflows() {
    Minibatches cut = Minibatches.of(Integer.MAX_VALUE, Integer.MAX_VALUE / 2);

    assertThat(cut.begin(cut.count())).isEqualTo(Integer.MAX_VALUE);
    assertThat(cut.begin(cut.count() - 1)).isEqualTo(Integer.MAX_VALUE - 3);
  }

  /** As many steps as there can be, of rows whose number times the steps exceeds a long. */
  @Test
  void rowsOfAWorkerMayExceedAnInt() {
    long rows = 100L * Integer.MAX_VALUE - 7;
    Minibatches cut = Minibatches.of(rows, Minibatches.steps(rows, 100));

    assertThat(cut.count()).isEqualTo(Integer.MAX_VALUE);
    for (int i = 1; i <= 10_000; i++) {
      int index = (int) ((long) i * cut.count() / 10_000);
      BigInteger exact =
          BigInteger.valueOf(index)
              .multiply(BigInteger.valueOf(rows))
              .divide(BigInteger.valueOf(cut.count()));
      assertThat(cut.begin(index)).isEqualTo(exact.longValueExact());
    }
  }

  @Test
  void stepsThatDl4jCannotCountAreRefused() {
    long rows = 100L * Integer.MAX_VALUE + 1;

    assertThatThrownBy(() -> Minibatches.stepsPerEpoch(new long[] {5, rows}, 100))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("use larger minibatches or more workers");
    assertThat(Minibatches.stepsPerEpoch(new long[] {5, rows}, 101)).isPositive();
  }
}
