package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StageProgressTest {

  private final AtomicLong clock = new AtomicLong();
  private final StageProgress progress = new StageProgress(null, "reading", clock::get);

  @Test
  void aLongStageHasALineNowAndThen() {
    progress.starts(7, 5);
    assertThat(after(7, 9)).isEmpty();
    assertThat(after(7, 3)).isEqualTo("reading: 2 of 5 tasks  left 0:18");
    assertThat(after(7, 2)).isEmpty();
    assertThat(after(7, 86)).isEqualTo("reading: 4 of 5 tasks  left 0:25");
    assertThat(after(7, 100)).as("the last task").isEmpty();
  }

  @Test
  void theNextStageStartsAnew() {
    progress.starts(7, 2);
    clock.addAndGet(TimeUnit.SECONDS.toNanos(60));
    progress.starts(8, 4);
    assertThat(progress.taskDone(7)).as("a task of the former stage").isEmpty();
    assertThat(after(8, 10)).isEqualTo("reading: 1 of 4 tasks  left 0:30");
  }

  /** What is said of a task that ends so many seconds after the one before it. */
  private String after(int stage, int seconds) {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    return progress.taskDone(stage).orElse("");
  }
}
