package dev.realnvp.jobs.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The checkout around the module whose tests run: its scripts and its documentation. */
final class Repository {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern RUN_JOB = Pattern.compile("(?m)^run_job (\\S+)");

  private Repository() {}

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The job that a script of {@code submit/} runs, by the script's name. */
  static SortedMap<String, Job<?>> jobs() throws IOException {
    SortedMap<String, Job<?>> jobs = new TreeMap<>();
    for (Path script : files("submit", ".sh")) {
      Matcher call = RUN_JOB.matcher(read(script));
      if (call.find()) {
        jobs.put(script.getFileName().toString(), job(call.group(1)));
      }
    }
    return jobs;
  }

  private static Job<?> job(String name) {
    try {
      return (Job<?>) Class.forName(name).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no job " + name, e);
    }
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
