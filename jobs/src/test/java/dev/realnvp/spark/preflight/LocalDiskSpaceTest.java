package dev.realnvp.spark.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.TransientFailures;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskSpaceTest {

  private static LocalDiskSpace.Executor executor(String host, long free) {
    return new LocalDiskSpace.Executor(
        host, List.of(new LocalDiskSpace.Folder("/" + host + "/scratch", free, "disk")));
  }

  @Test
  void rowsLieThereTwice() {
    List<LocalDiskSpace.Executor> executors = List.of(executor("a", 2L << 30));

    assertThatCode(() -> LocalDiskSpace.require(executors, 1L << 30)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LocalDiskSpace.require(executors, (1L << 30) + 1))
        .hasMessage(
            "training keeps 2.0 GB in Spark's local folders on a (1.0 GB of rows, 2 times at once),"
                + " and /a/scratch has 2 GB left: name another spark.local.dir, or make room")
        .satisfies(failure -> assertThat(TransientFailures.is(failure)).isTrue());
  }

  @Test
  void foldersOfOneDiskShareItsRoom() {
    LocalDiskSpace.Executor two =
        new LocalDiskSpace.Executor(
            "a",
            List.of(
                new LocalDiskSpace.Folder("/a/one", 201, "device 7"),
                new LocalDiskSpace.Folder("/a/two", 200, "device 7")));
    assertThatCode(() -> LocalDiskSpace.require(List.of(two), 100)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LocalDiskSpace.require(List.of(two), 101))
        .hasMessageContaining("/a/one and /a/two has ");
  }

  @Test
  void foldersHereAreOnTheirDisk(@TempDir Path temp) throws IOException {
    assertThat(LocalDiskSpace.Folder.disk(temp.toFile()))
        .startsWith("device ")
        .isEqualTo(LocalDiskSpace.Folder.disk(Files.createDirectory(temp.resolve("a")).toFile()))
        .isNotEqualTo(LocalDiskSpace.Folder.disk(new File("/proc")));
  }

  /** Two executors on one disk, and one on another. */
  @Test
  void executorsOfAHostShareItsDisk() {
    List<LocalDiskSpace.Executor> executors =
        List.of(executor("a", 200), executor("a", 200), executor("b", 100));

    assertThatCode(() -> LocalDiskSpace.require(executors, 150)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LocalDiskSpace.require(executors, 152))
        .hasMessageContaining("/scratch");
  }
}
