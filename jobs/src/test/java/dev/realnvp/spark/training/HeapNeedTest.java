package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.training.state.HeapNeed;
import org.junit.jupiter.api.Test;

class HeapNeedTest {

  private static final long MEGABYTE = 1 << 20;

  @Test
  void theDriverHoldsOneStateOfEachWorkerUntilTheyAreMany() {
    for (int workers : new int[] {1, 8}) {
      assertThat(HeapNeed.of(10, workers, false, 1))
          .isEqualTo(new HeapNeed(10 * (3 + workers), 40));
    }
    assertThat(HeapNeed.of(10, 1000, false, 2)).isEqualTo(new HeapNeed(40, 80));
  }

  @Test
  void workersInTheDriversProcessTakeItsHeap() {
    assertThat(HeapNeed.of(10, 64, true, 2)).isEqualTo(new HeapNeed(10 * (3 + 64 + 2 * 3), 0));
    assertThat(HeapNeed.of(10, 1, true, 8)).isEqualTo(new HeapNeed(10 * (3 + 1 + 3), 0));
  }

  @Test
  void tooLittleHeapIsOneLineThatSaysWhatToSet() {
    HeapNeed need = new HeapNeed(700 * MEGABYTE, 800 * MEGABYTE);
    assertThatThrownBy(() -> need.require(512 * MEGABYTE, 1024 * MEGABYTE))
        .isInstanceOf(TrainingException.class)
        .hasMessage(
            "the states of this network's training take 700 MB of heap in the driver, and it has 512 MB: set --driver-memory, take fewer workers, or a smaller network");
    assertThatThrownBy(() -> need.require(1024 * MEGABYTE, 512 * MEGABYTE))
        .hasMessageContaining(
            "800 MB of heap in an executor, and it has 512 MB: set --executor-memory");
    assertThatCode(() -> need.require(1024 * MEGABYTE, 1024 * MEGABYTE)).doesNotThrowAnyException();
  }
}
