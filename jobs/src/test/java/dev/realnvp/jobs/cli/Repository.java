package dev.realnvp.jobs.cli;

import dev.realnvp.jobs.Jobs;
import dev.realnvp.jobs.bench.Bench;
import dev.realnvp.jobs.bench.SyntheticTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The checkout around the module whose tests run: its scripts and its documentation. */
final class Repository {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Repository() {}

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The job that a script of {@code submit/} runs, by the script's name. */
  static SortedMap<String, Job<?>> jobs() {
    SortedMap<String, Job<?>> jobs = new TreeMap<>();
    Jobs.all().forEach((name, job) -> jobs.put(name + ".sh", job));
    jobs.put("bench.sh", new Bench());
    jobs.put("bench-table.sh", new SyntheticTable());
    return jobs;
  }

  /** Every page of the documentation. */
  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(files("docs", ".md"));
    pages.add(ROOT.resolve("README.md"));
    pages.add(ROOT.resolve("CONTRIBUTING.md"));
    return pages;
  }

  /** The programs for the JVM that the pages show lines of, one after the other. */
  static String examples() throws IOException {
    List<Path> programs = new ArrayList<>(files("docs/examples", ".java"));
    programs.addAll(files("docs/examples", ".scala"));
    return programs.stream().map(Repository::read).collect(Collectors.joining());
  }

  private static List<Path> files(String folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }
}
