package dev.realnvp.spark.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs and outputs on real disks. */
class PlacesTest {

  @TempDir Path temp;

  private static List<Finding> outputs(Object... paths) {
    return Places.outputs(
        new Configuration(), List.of(paths).stream().map(Object::toString).toList());
  }

  @Test
  void outputsOfOneFolderAreTriedOnceAndNothingIsLeft() throws IOException {
    Path run = temp.resolve("runs/a");
    List<Finding> findings = outputs(run.resolve("flow"), run.resolve("scores"));
    assertThat(findings)
        .extracting(Finding::subject, Finding::level)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("output", Severity.OK),
            org.assertj.core.groups.Tuple.tuple("disk", Severity.OK));
    assertThat(findings.get(0).message()).isEqualTo(run + " can be written to");
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void whatIsInTheFolderAlreadyStays() throws IOException {
    Path old = Files.writeString(Files.createDirectory(temp.resolve("run")).resolve("old"), "x");
    outputs(temp.resolve("run/flow"), temp.resolve("run/deeper/flow"));
    assertThat(temp.resolve("run")).isDirectoryContaining(old::equals);
    try (var files = Files.list(temp.resolve("run"))) {
      assertThat(files).containsExactly(old);
    }
  }

  @Test
  void outputsThatCannotBeWrittenAreOneErrorPerFolder() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertError("cannot write to %s/run (".formatted(file), file.resolve("run/flow"));
    assertThat(file).hasContent("x");
    assertError(
        "No FileSystem for scheme \"gopher\"", "gopher://b/run/flow", "gopher://b/run/scores");
  }

  private static void assertError(String message, Object... paths) {
    assertThat(outputs(paths))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.level()).isEqualTo(Severity.ERROR);
              assertThat(finding.message()).contains(message, "--run");
            });
  }
}
