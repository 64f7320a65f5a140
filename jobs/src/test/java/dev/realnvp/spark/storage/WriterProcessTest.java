package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriterProcessTest {

  private final WriterProcess own = WriterProcess.current();

  @BeforeEach
  void onLinux() {
    assumeThat(own.boot()).as("what Linux says of a machine").isNotNull();
  }

  private WriterProcess process(long pid, String started) {
    return new WriterProcess(own.host(), own.user(), pid, started, own.boot(), own.namespace());
  }

  @Test
  void thisOneIsVisibleAndAlive() {
    assertThat(own.isVisible()).isTrue();
    assertThat(own.isAlive()).isTrue();
    assertThat(own.pid()).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void oneThatEndedIsNot() throws IOException, InterruptedException {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    assertThat(process(ended.pid(), "1").isAlive()).isFalse();
  }

  @Test
  void anotherOneOfTheSameNumberIsNotIt() {
    assertThat(process(own.pid(), own.started() + "0").isAlive()).isFalse();
  }

  @Test
  void ofAnotherBootContainerOrUserNothingIsKnown() {
    assertThat(
            new WriterProcess(
                    own.host(), own.user(), own.pid(), own.started(), "other", own.namespace())
                .isVisible())
        .isFalse();
    assertThat(
            new WriterProcess(own.host(), own.user(), own.pid(), own.started(), own.boot(), "other")
                .isVisible())
        .isFalse();
    assertThat(
            new WriterProcess(
                    own.host(), "other", own.pid(), own.started(), own.boot(), own.namespace())
                .isVisible())
        .isFalse();
    assertThat(
            new WriterProcess(own.host(), own.user(), own.pid(), own.started(), null, null)
                .isVisible())
        .isFalse();
  }
}
