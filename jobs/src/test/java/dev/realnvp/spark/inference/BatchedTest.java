package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import scala.collection.JavaConverters;

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

  private static final VectorColumn TWO = new VectorColumn("v", "features", 2);

  @Test
  void aBatchIsOneMatrix() {
    assertThat(TWO.matrix(List.of(row(1f, 2f), row(3d, 4d), row(5f, null)), 0))
        .containsExactly(1, 2, 3, 4, 5, Float.NaN);
    assertThat(TWO.matrix(List.of(RowFactory.create((Object) null)), 0))
        .containsExactly(Float.NaN, Float.NaN);
  }

  @Test
  void aRowOfAnotherWidthIsRefused() {
    assertThatThrownBy(() -> TWO.matrix(List.of(row(1f, 2f), row(3f)), 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Column 'v' holds a row of 1 features; the model takes 2");
  }

  private static Row row(Object... values) {
    return RowFactory.create(
        JavaConverters.asScalaBufferConverter(Arrays.asList(values)).asScala());
  }
}
