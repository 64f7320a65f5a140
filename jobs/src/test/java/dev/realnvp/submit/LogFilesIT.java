package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the scripts put the log of a job. */
class LogFilesIT {

  @TempDir Path temp;
  private Checkout checkout;
  private Path tmp;

  @BeforeEach
  void copyScripts() throws IOException {
    checkout = Checkout.in(temp.resolve("home"));
    tmp = Files.createDirectories(temp.resolve("tmp"));
    checkout
        .with("TMPDIR", tmp.toString())
        .with("XDG_STATE_HOME", temp.resolve("state").toString());
  }

  static Path log(ScriptRun run) {
    return run.out().stream()
        .filter(line -> line.startsWith("LOG:"))
        .map(line -> Path.of(line.substring(4)))
        .findFirst()
        .orElseThrow();
  }

  /** A file where the folder should be: root could write into a folder without the right to. */
  private void leaveNoRoomBesideTheScripts() throws IOException {
    Files.writeString(checkout.home().resolve("logs"), "");
  }

  @Test
  void eachProcessHasItsOwn() {
    Path script = checkout.submit("score.sh");
    assertThat(log(checkout.run(script))).isNotEqualTo(log(checkout.run(script)));
  }

  @Test
  void anInstallationThatIsReadOnlyLogsIntoTheUsersState() throws IOException {
    leaveNoRoomBesideTheScripts();
    assertThat(log(checkout.run(checkout.submit("score.sh"))).getParent())
        .isEqualTo(temp.resolve("state/realnvp-spark/logs"));
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void withoutAHomeItIsAFolderThatNobodyElseKnowsNorReads() throws IOException {
    leaveNoRoomBesideTheScripts();
    checkout.with("XDG_STATE_HOME", Files.writeString(temp.resolve("file"), "").toString());
    Path first = log(checkout.run(checkout.submit("score.sh"))).getParent();
    Path second = log(checkout.run(checkout.submit("score.sh"))).getParent();
    assertThat(List.of(first.getParent(), second.getParent())).containsOnly(tmp);
    assertThat(first).isNotEqualTo(second);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
        .isEqualTo("rwx------");
  }

  @Test
  void onlyTheNewestStay() throws IOException {
    Path logs = Files.createDirectories(checkout.home().resolve("logs"));
    Files.writeString(logs.resolve("build.log"), "");
    for (int i = 0; i < 60; i++) {
      Path log =
          Files.writeString(logs.resolve("score-20260101-0000%02d-h-7.log".formatted(i)), "");
      Files.setLastModifiedTime(log, FileTime.from(Instant.ofEpochSecond(1_000_000 + i)));
    }
    assertThat(checkout.run(checkout.submit("score.sh")).code()).isZero();
    try (Stream<Path> left = Files.list(logs)) {
      assertThat(left.map(log -> log.getFileName().toString()))
          .hasSize(41)
          .contains("build.log", "score-20260101-000059-h-7.log", "score-20260101-000020-h-7.log")
          .doesNotContain("score-20260101-000019-h-7.log");
    }
  }

  @Test
  void theUsersOwnChoiceStays() {
    checkout.with("REALNVP_LOG_FILE", "mine.log");
    assertThat(log(checkout.run(checkout.submit("score.sh")))).isEqualTo(Path.of("mine.log"));
  }
}
