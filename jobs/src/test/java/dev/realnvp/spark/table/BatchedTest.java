package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BatchedTest {

  @Property(tries = 100)
  void everyRowComesOnceInOrderAndNoMoreThanABatchIsHeld(
      @ForAll @IntRange(max = 50) int rows, @ForAll @IntRange(min = 1, max = 12) int size) {
    AtomicInteger taken = new AtomicInteger();
    Iterator<Integer> source =
        IntStream.range(0, rows).peek(row -> taken.incrementAndGet()).boxed().iterator();
    List<Integer> sizes = new ArrayList<>();
    BatchTransform.Batched<Integer, String> batched =
        new BatchTransform.Batched<>(
            source,
            size,
            some -> {
              sizes.add(some.size());
              return some.stream().map(String::valueOf).toList();
            });
    int given = 0;
    while (batched.hasNext()) {
      assertThat(batched.next()).isEqualTo(String.valueOf(given));
      given++;
      // One more row than the batches' may be looked at, to know whether there is a next.
      assertThat(taken.get() - given).isLessThanOrEqualTo(size);
    }
    assertThat(given).isEqualTo(rows);
    assertThat(sizes).hasSize((rows + size - 1) / size);
  }
}
