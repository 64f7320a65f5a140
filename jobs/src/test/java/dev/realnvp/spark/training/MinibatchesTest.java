package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MinibatchesTest {

  private static List<Integer> sizes(int rows, int steps) {
    Minibatches cut = Minibatches.of(rows, steps);
    return IntStream.range(0, cut.count()).mapToObj(i -> cut.begin(i + 1) - cut.begin(i)).toList();
  }

  @Property
  void sizesDifferByOneRowAtMostAndAddUp(
      @ForAll @IntRange(min = 1, max = 100_000) int rows,
      @ForAll @IntRange(min = 1, max = 1_000) int batch) {
    int steps = Minibatches.stepsPerEpoch(new int[] {rows}, batch);
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
    int steps = Minibatches.stepsPerEpoch(new int[] {most, most - 1}, batch);

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
}
