package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PermutationTest {

  @Test
  void whatIsNoPermutationIsRefused() {
    assertThatThrownBy(() -> new Permutation(0, List.of(0, 2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("order: got [0, 2, 2], expected each of 0 to 2 once");
  }

  @Property(tries = 50)
  void randomOrdersArePermutationsThatFollowTheSeed(
      @ForAll @IntRange(min = 1, max = 40) int features, @ForAll long seed) {
    List<Integer> order = Permutation.random(features, 0, new SplittableRandom(seed)).order();
    assertThat(order).hasSize(features).doesNotHaveDuplicates();
    assertThat(Permutation.random(features, 0, new SplittableRandom(seed)).order())
        .isEqualTo(order);
  }

  @Test
  void everyOrderIsDrawnAboutAsOften() {
    int[] counts = new int[6];
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 6000; i++) {
      List<Integer> order = Permutation.random(3, 0, random).order();
      counts[2 * order.get(0) + (order.get(1) > order.get(2) ? 1 : 0)]++;
    }
    assertThat(IntStream.of(counts)).allMatch(count -> count > 850 && count < 1150);
  }
}
