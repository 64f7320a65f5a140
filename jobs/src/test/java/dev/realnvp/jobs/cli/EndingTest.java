package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EndingTest {

  /** Spark stops, so that the main thread fails, before its thread's error is heard of. */
  @Test
  void anErrorOfSparksThreadIsTheReasonAndNotThatSparkEnded() throws Exception {
    Ending ending = new Ending();
    CompletableFuture<Integer> main = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () ->
                main.complete(
                    ending.of(
                        new IllegalStateException("Job 0 cancelled, SparkContext was shut down"))));
    waiting.start();
    while (waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(ending.of(new NoClassDefFoundError("thrown"))).isEqualTo(Main.FAILED);
    assertThat(main.get()).isEqualTo(Main.FAILED);
  }
}
