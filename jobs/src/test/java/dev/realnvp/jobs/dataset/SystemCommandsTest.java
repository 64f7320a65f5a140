package dev.realnvp.jobs.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemCommandsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private final CommandRunner commands = CommandRunner.SYSTEM;
  @TempDir private Path temp;

  @Test
  void argumentsAndFolderMayHoldSpaces() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("a b"));
    CommandRunner.Outcome outcome =
        commands.run(List.of("sh", "-c", "pwd; echo \"$0\"; exit 3", "c  $d"), folder, LONG);
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.output().lines()).containsExactly(folder.toRealPath().toString(), "c  $d");
  }

  @Test
  void missingProgramIsNamed() {
    assertThatIOException()
        .isThrownBy(() -> commands.run(List.of("no-such-program"), temp, LONG))
        .withMessage("cannot run no-such-program: is it installed?");
  }

  @Test
  void programThatHangsIsStopped() {
    assertThatIOException()
        .isThrownBy(() -> commands.run(List.of("sleep", "60"), temp, Duration.ofMillis(50)))
        .withMessage("sleep did not end within 50 ms");
  }
}
