package dev.realnvp.jobs.dataset;

import dev.realnvp.spark.storage.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * Debian's package of Fashion-MNIST. Apt downloads it and checks its signature. It is unpacked
 * without being installed, so no root is needed.
 *
 * @param commands runs apt-get and dpkg
 */
record FashionPackage(CommandRunner commands) {
  static final String NAME = "dataset-fashion-mnist";
  private static final Duration LIMIT = Duration.ofSeconds(50);
  private static final List<String> DOWNLOAD = List.of("apt-get", "download", NAME);
  private static final Path INSIDE = Path.of("usr", "share", "datasets", "fashion-mnist");

  /**
   * Puts the package's IDX files into a folder.
   *
   * @param folder the target folder; it exists
   * @throws IOException if a command fails, or the package is not as expected
   */
  void fetch(Path folder) throws IOException {
    Path work = Files.createTempDirectory("package");
    try {
      if (commands.run(DOWNLOAD, work, LIMIT).exitCode() != 0) {
        // The list of packages may be missing or old; only root can update it.
        run(work, List.of("apt-get", "update"));
        run(work, DOWNLOAD);
      }
      Path unpacked = work.resolve("unpacked");
      run(work, List.of("dpkg", "-x", packageFile(work).toString(), unpacked.toString()));
      copy(unpacked.resolve(INSIDE), folder);
    } finally {
      Folders.delete(work);
    }
  }

  private void run(Path work, List<String> command) throws IOException {
    CommandRunner.Outcome outcome = commands.run(command, work, LIMIT);
    if (outcome.exitCode() != 0) {
      String said = command.get(0) + " " + command.get(1) + " failed";
      throw new IOException(
          outcome
              .output()
              .lines()
              .filter(
                  line -> line.startsWith("E:") || line.toLowerCase(Locale.ROOT).contains("error"))
              .findFirst()
              .map(line -> said + " (" + line.strip() + ")")
              .orElse(said + " with code " + outcome.exitCode()));
    }
  }

  private static Path packageFile(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(file -> file.toString().endsWith(".deb"))
          .findFirst()
          .orElseThrow(() -> new IOException("apt-get download left no package"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      throw new IOException("package " + NAME + " has no folder /" + INSIDE);
    }
    FileUtils.copyDirectory(from.toFile(), to.toFile());
  }
}
