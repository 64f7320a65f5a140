package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutputLeaseTest {

  @TempDir private Path temp;

  private final Configuration hadoop = new Configuration();

  private OutputLease take() throws IOException {
    return OutputLease.take(hadoop, temp.resolve("new/run/flow").toString());
  }

  private Throwable besideThisThread() {
    return CompletableFuture.supplyAsync(() -> catchThrowable(() -> take().close())).join();
  }

  @Test
  void aThreadHasItUntilItClosedItAsOften() throws IOException {
    OutputLease outer = take();
    try (OutputLease inner = take()) {
      inner.verify();
    }
    outer.verify();
    assertThat(besideThisThread()).isInstanceOf(OutputInUseException.class);
    outer.close();
    assertThat(besideThisThread()).isNull();
  }

  @Test
  void theFoldersThatItNeededGoAgainIfTheyAreEmpty() throws IOException {
    take().close();
    assertThat(temp).isEmptyDirectory();
    try (OutputLease lease = take()) {
      lease.verify();
      Files.createFile(temp.resolve("new/something"));
    }
    assertThat(temp.resolve("new")).isDirectoryContaining("glob:**/something");
    assertThat(temp.resolve("new/run")).doesNotExist();
  }

  @Test
  void aFolderThatWasThereStays() throws IOException {
    Path run = Files.createDirectories(temp.resolve("new/run"));
    take().close();
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void filesOfANameHaveOneWriterInAFolder() throws IOException {
    String folder = temp.resolve("checkpoints").toString();
    try (OutputLease flow = OutputLease.take(hadoop, folder, "flow")) {
      flow.verify();
      CompletableFuture.runAsync(
              () -> {
                try (OutputLease other = OutputLease.take(hadoop, folder, "autoencoder")) {
                  other.verify();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                assertThatExceptionOfType(OutputInUseException.class)
                    .isThrownBy(() -> OutputLease.take(hadoop, folder, "flow"))
                    .withMessageStartingWith(folder + " of flow is being written by ");
              })
          .join();
      assertThat(temp.resolve("checkpoints")).doesNotExist();
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void itGivesSignsOfLife() throws IOException {
    hadoop.setInt(OutputLease.SECONDS, 1);
    try (OutputLease lease = take()) {
      Path held = held();
      for (int renewals = 0; renewals < 2; renewals++) {
        Files.delete(held);
        while (Files.notExists(held)) {
          Thread.onSpinWait();
        }
      }
      lease.verify();
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void whoLostItGivesNone() throws IOException {
    hadoop.setInt(OutputLease.SECONDS, 1);
    try (OutputLease lease = take()) {
      Path held = held();
      Files.delete(Path.of(held.toString().replace(".held-", ".lease-")));
      assertThatExceptionOfType(OutputInUseException.class).isThrownBy(lease::verify);
    }
    assertThat(temp).isEmptyDirectory();
  }

  private Path held() throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("new/run"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(".flow.held-"))
          .findFirst()
          .orElseThrow();
    }
  }
}
