package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.engine.Batch;
import dev.realnvp.spark.training.rows.EpochOrder;
import dev.realnvp.spark.training.rows.Shard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

class EpochOrderTest {

  /** Rows that nobody reads; remembers which blocks were verified. */
  private record Unread(Extent extent, List<Integer> verified) implements Shard {
    Unread(Extent extent) {
      this(extent, new ArrayList<>());
    }

    @Override
    public void verify(int block) {
      verified.add(block);
    }

    @Override
    public DataSet batch(long[] rows) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void fill(long[] rows, Batch batch) {
      throw new UnsupportedOperationException();
    }
  }

  private static long[] order(long seed, int epoch, int partition, Shard.Extent extent) {
    return EpochOrder.random(seed, epoch, partition, extent)
        .rows(new Unread(extent), 0, extent.rows());
  }

  private static long[] order(long seed, int epoch, int partition, int size) {
    return order(seed, epoch, partition, Shard.Extent.whole(size));
  }

  @Property(tries = 200)
  void isPermutation(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 50) int epoch,
      @ForAll @IntRange(min = 0, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 40) int blockRows,
      @ForAll @IntRange(min = 1, max = 12) int windowBlocks) {
    assertThat(order(seed, epoch, 3, new Shard.Extent(size, blockRows, windowBlocks)))
        .containsExactlyInAnyOrder(LongStream.range(0, size).toArray());
  }

  @Property(tries = 200)
  void followsFromSeedEpochAndPartition(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 50) int epoch,
      @ForAll @IntRange(min = 0, max = 50) int partition,
      @ForAll @IntRange(min = 1, max = 3) int windowBlocks) {
    Shard.Extent extent = new Shard.Extent(100, 40, windowBlocks);
    long[] order = order(seed, epoch, partition, extent);

    assertThat(order(seed, epoch, partition, extent)).isEqualTo(order);
    assertThat(order(seed, epoch + 1, partition, extent)).isNotEqualTo(order);
    assertThat(order(seed, epoch, partition + 1, extent)).isNotEqualTo(order);
    assertThat(order(seed + 1, epoch, partition, extent)).isNotEqualTo(order);
  }

  /** Each of 10 rows comes first in about a tenth of 10,000 epochs (standard deviation: 30). */
  @Property(tries = 20)
  void isFair(@ForAll long seed) {
    for (Shard.Extent extent : List.of(Shard.Extent.whole(10), new Shard.Extent(10, 2, 2))) {
      int[] first = new int[10];
      IntStream.range(0, 10_000).forEach(epoch -> first[(int) order(seed, epoch, 0, extent)[0]]++);

      assertThat(Arrays.stream(first).boxed()).allMatch(count -> Math.abs(count - 1_000) < 6 * 30);
    }
  }

  /** Models that were trained before there were windows can be made again. */
  @Property(tries = 100)
  void oneWindowIsAPlainPermutationWhateverItsBlocks(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int blockRows) {
    long[] plain = Simulation.order(seed, 2, 1, 100);

    assertThat(order(seed, 2, 1, 100)).isEqualTo(plain);
    assertThat(order(seed, 2, 1, new Shard.Extent(100, blockRows, 100))).isEqualTo(plain);
  }

  /** 1003 rows in blocks of 10, the last of 3; windows of 7 blocks, the last of 3. */
  @Test
  void windowsHaveBlocksOfTheirOwnAndMixThem() {
    Shard.Extent extent = new Shard.Extent(1003, 10, 7);
    Set<Set<Long>> windows = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      Unread shard = new Unread(extent);
      EpochOrder order = EpochOrder.random(1, epoch, 0, extent);
      List<Long> left = new ArrayList<>();
      LongStream.of(order.rows(shard, 0, 1003)).forEach(left::add);
      assertThat(shard.verified)
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 101).boxed().toList());
      for (int window = 0; window < 15; window++) {
        List<Integer> blocks = shard.verified.subList(7 * window, Math.min(7 * window + 7, 101));
        int rows = 10 * blocks.size() - (blocks.contains(100) ? 7 : 0);
        List<Long> these = left.subList(0, rows);
        Set<Long> found = these.stream().map(row -> row / 10).collect(Collectors.toSet());
        assertThat(found)
            .containsExactlyInAnyOrderElementsOf(blocks.stream().map(Long::valueOf).toList());
        assertThat(these).isNotEqualTo(these.stream().sorted().toList());
        windows.add(found);
        left = left.subList(rows, left.size());
      }
    }
    assertThat(windows).hasSizeGreaterThan(290);
  }

  /** A task that begins in the middle, as each round's does, or a second attempt. */
  @Test
  void anyPartOfTheOrderIsTheSame() {
    Shard.Extent extent = new Shard.Extent(1003, 10, 7);
    long[] all = order(5, 1, 0, extent);
    for (int from = 0; from < 1003; from += 17) {
      int to = Math.min(from + 90, 1003);
      EpochOrder order = EpochOrder.random(5, 1, 0, extent);
      assertThat(order.rows(new Unread(extent), from, to))
          .isEqualTo(Arrays.copyOfRange(all, from, to));
      assertThat(order.rows(new Unread(extent), 0, 50)).isEqualTo(Arrays.copyOfRange(all, 0, 50));
    }
  }

  /** A round of a window reads its blocks once. */
  @Test
  void windowIsVerifiedOnce() {
    Shard.Extent extent = new Shard.Extent(100, 10, 5);
    Unread shard = new Unread(extent);
    EpochOrder order = EpochOrder.random(5, 1, 0, extent);
    for (int from = 0; from < 50; from += 5) {
      order.rows(shard, from, from + 5);
    }
    assertThat(shard.verified).hasSize(5);
  }

  /** 5 x 10^9 rows, of which only a window's places are held. */
  @Test
  void moreRowsThanAnIntCounts() {
    long rows = 5_000_000_123L;
    Shard.Extent extent = new Shard.Extent(rows, 4096, 8);
    Unread shard = new Unread(extent);
    EpochOrder order = EpochOrder.random(1, 0, 0, extent);
    assertThat(extent.blocks()).isEqualTo(1_220_704);
    long[] last = order.rows(shard, rows - 50, rows);
    long[] middle = order.rows(shard, 3_000_000_000L, 3_000_000_000L + 50);

    assertThat(LongStream.concat(LongStream.of(last), LongStream.of(middle)))
        .doesNotHaveDuplicates()
        .allMatch(row -> row >= 0 && row < rows)
        .anyMatch(row -> row > Integer.MAX_VALUE);
  }

  @Test
  void rowsAsTheyLie() {
    Shard.Extent extent = new Shard.Extent(100, 7, 3);
    Unread shard = new Unread(extent);

    assertThat(EpochOrder.inPlace(extent).rows(shard, 10, 100))
        .isEqualTo(LongStream.range(10, 100).toArray());
    assertThat(shard.verified).isEqualTo(IntStream.range(0, 15).boxed().toList());
  }
}
