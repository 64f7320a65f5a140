package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class EpochOrderTest {

  @Property(tries = 200)
  void isPermutation(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 50) int epoch,
      @ForAll @IntRange(min = 0, max = 50) int partition,
      @ForAll @IntRange(min = 0, max = 300) int size) {
    assertThat(Minibatches.order(seed, epoch, partition, size))
        .containsExactlyInAnyOrder(IntStream.range(0, size).toArray());
  }

  @Property(tries = 200)
  void followsFromSeedEpochAndPartition(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 50) int epoch,
      @ForAll @IntRange(min = 0, max = 50) int partition) {
    int[] order = Minibatches.order(seed, epoch, partition, 100);

    assertThat(Minibatches.order(seed, epoch, partition, 100)).isEqualTo(order);
    assertThat(Minibatches.order(seed, epoch + 1, partition, 100)).isNotEqualTo(order);
    assertThat(Minibatches.order(seed, epoch, partition + 1, 100)).isNotEqualTo(order);
    assertThat(Minibatches.order(seed + 1, epoch, partition, 100)).isNotEqualTo(order);
  }

  /** Each of 10 rows comes first in about a tenth of 10,000 epochs (standard deviation: 30). */
  @Property(tries = 20)
  void isFair(@ForAll long seed) {
    int[] first = new int[10];
    IntStream.range(0, 10_000).forEach(epoch -> first[Minibatches.order(seed, epoch, 0, 10)[0]]++);

    assertThat(Arrays.stream(first).boxed()).allMatch(count -> Math.abs(count - 1_000) < 6 * 30);
  }
}
