package dev.realnvp.spark.preflight;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.Passing;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class LocalRoomTest {

  private static LocalRoom.Folders executor(String host, long free) {
    return new LocalRoom.Folders(
        host, List.of(new ProcessFacts.FreeSpace("/" + host + "/scratch", free)));
  }

  @Test
  void rowsLieThereTwice() {
    List<LocalRoom.Folders> executors = List.of(executor("a", 2L << 30));

    assertThatCode(() -> LocalRoom.require(executors, 1L << 30)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LocalRoom.require(executors, (1L << 30) + 1))
        .hasMessage(
            "training keeps 2.0 GB in Spark's local folders on a (1.0 GB of rows, 2 times at once),"
                + " and /a/scratch has 2 GB left: name another spark.local.dir, or make room")
        .satisfies(failure -> Assertions.assertThat(Passing.is(failure)).isTrue());
  }

  /** Two executors on one disk, and one on another. */
  @Test
  void executorsOfAHostShareItsDisk() {
    List<LocalRoom.Folders> executors =
        List.of(executor("a", 200), executor("a", 200), executor("b", 100));

    assertThatCode(() -> LocalRoom.require(executors, 150)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LocalRoom.require(executors, 152)).hasMessageContaining("/scratch");
  }
}
