package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageClockTest {

  @Test
  void itsLineIsFoundInOutput() throws IOException {
    StageClock clock = new StageClock();
    List<String> done = new ArrayList<>();
    clock.time("train-ae", () -> done.add("train-ae"));
    clock.time("score", () -> done.add("score"));
    assertThat(done).containsExactly("train-ae", "score");
    Map<String, Double> read =
        StageClock.read("==> pipeline\n    " + clock.line() + "\n    more\n");
    assertThat(read).containsOnlyKeys("train-ae", "score");
    assertThat(read.values()).allMatch(seconds -> seconds >= 0);
  }

  @Test
  void outputWithoutTheLineIsRefused() {
    assertThatThrownBy(() -> StageClock.read("nothing\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a line 'seconds: ...'");
  }
}
