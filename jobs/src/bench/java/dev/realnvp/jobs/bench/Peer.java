package dev.realnvp.jobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.realnvp.model.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.util.Shell;

/**
 * PyTorch on the same work, in a process of its own: {@code submit/bench/peer.py}, or a command of
 * the user's that prints the same JSON object. It runs before and after our measures, and the
 * better time of each work counts.
 */
final class Peer {

  private static final Duration LIMIT = Duration.ofHours(1);
  private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");

  /** Set for our products, by the user or for this process, they are no business of the peer's. */
  private static final List<String> OWN_ENVIRONMENT =
      List.of("OPENBLAS_CORETYPE", "OMP_NUM_THREADS");

  private final List<String> command;
  private final List<Map<String, Double>> runs = new ArrayList<>();

  private Peer(List<String> command) {
    this.command = command;
  }

  /**
   * The peer that the user chose.
   *
   * @param choice {@code auto} for peer.py with a Python that has PyTorch; {@code none}; or a line
   *     for bash
   * @param embeddings an npz file of {@link Workbench#export}, for the work that needs it
   * @return empty for none, and where no Python has PyTorch
   */
  static Optional<Peer> of(
      String choice, Path home, Path data, Path embeddings, Set<String> works, double fraction) {
    if (choice.equals("none") || works.isEmpty()) {
      return Optional.empty();
    }
    if (!choice.equals("auto")) {
      return Optional.of(new Peer(List.of("bash", "-c", choice)));
    }
    return python("torch, numpy")
        .map(
            python ->
                new Peer(
                    List.of(
                        python,
                        home.resolve("submit/bench/peer.py").toString(),
                        "--data",
                        data.toString(),
                        "--embeddings",
                        embeddings.toString(),
                        "--work",
                        String.join(",", works),
                        "--fraction",
                        Double.toString(fraction))));
  }

  void run() throws IOException {
    String output = run(command);
    String json =
        output
            .lines()
            .filter(line -> line.startsWith("{"))
            .reduce((first, last) -> last)
            .orElseThrow(
                () -> new IOException("The peer printed no JSON object: " + output.strip()));
    Map<String, Double> figures = new LinkedHashMap<>();
    Json.read(json, JsonNode.class, "the peer's figures: ")
        .properties()
        .forEach(
            field -> {
              if (field.getKey().endsWith("_s") || field.getKey().endsWith("_nats")) {
                figures.put(field.getKey(), field.getValue().asDouble());
              }
            });
    runs.add(figures);
  }

  /**
   * Runs a program of a peer's to its end.
   *
   * @return its output
   * @throws IOException if it fails
   */
  static String run(List<String> command) throws IOException {
    return run(command, OWN_ENVIRONMENT);
  }

  /** Runs any program to its end, without some variables of the environment. */
  static String run(List<String> command, List<String> without) throws IOException {
    List<String> words = new ArrayList<>(List.of("env"));
    without.forEach(name -> words.addAll(List.of("-u", name)));
    words.addAll(command);
    Shell.ShellCommandExecutor shell =
        new Shell.ShellCommandExecutor(words.toArray(String[]::new), null, null, LIMIT.toMillis());
    shell.execute();
    return shell.getOutput();
  }

  /** Seconds by work, of each run. */
  List<Map<String, Double>> runs() {
    return List.copyOf(runs);
  }

  /** The seconds of so many of each work, by the better run of each; NaN if one was not done. */
  double seconds(Map<String, Integer> works) {
    return works.entrySet().stream()
        .mapToDouble(work -> work.getValue() * best(work.getKey()))
        .sum();
  }

  /** The least seconds or nats of a work; NaN if it was not done. */
  double best(String work) {
    return runs.stream()
        .mapToDouble(run -> run.getOrDefault(work, Double.NaN))
        .min()
        .orElse(Double.NaN);
  }

  /** A Python that has these modules. */
  static Optional<String> python(String modules) {
    for (String python : PYTHONS) {
      try {
        run(List.of(python, "-c", "import " + modules));
        return Optional.of(python);
      } catch (IOException e) {
        // There is none of this name, or it lacks one of them.
      }
    }
    return Optional.empty();
  }
}
