package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive, unpacked where there is nothing but a JDK and the usual commands: no Maven. */
class ArchiveIT {

  @TempDir static Path temp;

  private static Path home;
  private static Path commands;

  @BeforeAll
  static void unpack() throws IOException {
    String archive = System.getProperty("realnvp.archive");
    ScriptRun.of(temp, Map.of(), List.of("tar", "-xf", archive)).done();
    home = temp.resolve(Path.of(archive).getFileName().toString().replace(".tar", ""));
    commands = commandsWithout("mvn");
  }

  /** A folder with links to all commands of the machine but one. */
  private static Path commandsWithout(String command) throws IOException {
    Path folder = Files.createDirectory(temp.resolve("bin"));
    for (String path : List.of("/usr/bin", "/bin")) {
      try (Stream<Path> files = Files.list(Path.of(path))) {
        for (Path file : files.toList()) {
          Path link = folder.resolve(file.getFileName());
          if (!link.endsWith(command) && !Files.exists(link)) {
            Files.createSymbolicLink(link, file);
          }
        }
      }
    }
    return folder;
  }

  private static ScriptRun run(String... command) {
    command[0] = home.resolve("submit").resolve(command[0]).toString();
    return ScriptRun.of(temp, Map.of("PATH", commands.toString()), List.of(command)).done();
  }

  @Test
  @Tag("nightly")
  void aJobRuns() {
    assertThat(run("train-flow.sh", "--help").out())
        .anyMatch(line -> line.startsWith("Usage: train-flow "));

    String images = Checkout.original() + "/jobs/src/test/resources/fashion-mnist-1000";
    run("ingest.sh", "--data", images, "--run", "a", "--set", "ingest.fraction=0.1");
    assertThat(temp.resolve("a/images/_manifest.json")).exists();
  }

  /** What is executable is a job, by which lib.sh tells it from a library. */
  @Test
  void theJobsAndTheDocumentationAreThereAndTheBenchmarkIsNot() {
    assertThat(home.resolve("README.md")).exists();
    assertThat(home.resolve("LICENSE")).exists();
    assertThat(home.resolve("docs/interop.md")).exists();
    assertThat(home.resolve("submit/score.sh")).isExecutable();
    assertThat(home.resolve("submit/spark-submit")).isExecutable();
    assertThat(Files.isExecutable(home.resolve("submit/lib.sh"))).isFalse();
    assertThat(home.resolve("submit/bench.sh")).doesNotExist();
  }
}
