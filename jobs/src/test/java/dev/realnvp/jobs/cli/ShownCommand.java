package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * A command of a page of the documentation.
 *
 * @param page its path in the checkout
 * @param line as it stands there
 */
record ShownCommand(String page, String line) {

  private static final Pattern SHELL_BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```");
  private static final Pattern INLINE = Pattern.compile("`(submit/[a-z-]+\\.sh( [^`]*)?)`");
  private static final Pattern EXAMPLE =
      Pattern.compile("(?m)^(?:Examples?:)? +(submit/[a-z-]+\\.sh.*)$");
  private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+");

  /** Prints a job script's arguments without those that are Spark's, as the scripts split them. */
  private static final String SPLIT =
      "source \"$0\"; split_options \"$@\"; printf '%s\\0' \"${job_options[@]}\"";

  /** Those of the project's scripts, on all pages. */
  static Stream<ShownCommand> all() throws IOException {
    List<ShownCommand> commands = new ArrayList<>();
    for (Path page : Repository.pages()) {
      String name = Repository.ROOT.relativize(page).toString();
      String text = Repository.read(page);
      SHELL_BLOCK
          .matcher(text)
          .results()
          .flatMap(block -> block.group(1).replace("\\\n", " ").lines())
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(line -> commands.add(new ShownCommand(name, line)));
      Stream.of(INLINE, EXAMPLE)
          .flatMap(pattern -> pattern.matcher(text).results())
          .forEach(match -> commands.add(new ShownCommand(name, match.group(1))));
    }
    return commands.stream().filter(ShownCommand::isOurs).distinct();
  }

  private boolean isOurs() {
    return words().stream().findFirst().orElse("").matches("submit/.+|spark-submit");
  }

  List<String> words() {
    return WORD.matcher(line)
        .results()
        .map(MatchResult::group)
        .takeWhile(word -> !word.startsWith("#") && !word.equals("&"))
        .map(word -> word.replaceAll("['\"]", ""))
        .dropWhile(word -> word.matches("[A-Z_]+=.*"))
        .toList();
  }

  /** The script of {@code submit/} that it starts, by itself or through spark-submit. */
  Optional<String> script() {
    return words().stream().filter(word -> word.endsWith(".sh")).findFirst();
  }

  /** Null where the script runs none. */
  Job<?> job() throws IOException {
    String script = script().orElseThrow();
    return Repository.jobs().get(Path.of(script).getFileName().toString());
  }

  /** What the job gets of its words: all but Spark's options. */
  List<String> jobOptions() throws IOException {
    List<String> command = new ArrayList<>(List.of("bash", "-c", SPLIT));
    command.add(Repository.ROOT.resolve("submit/lib.sh").toString());
    command.addAll(words().subList(words().indexOf(script().orElseThrow()) + 1, words().size()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.onExit().join().exitValue()).as(out).isZero();
    return Stream.of(out.split("\0")).filter(word -> !word.isEmpty()).toList();
  }

  /** Runs its job, words replaced, with some more of them. */
  void run(SparkSession spark, UnaryOperator<String> placed, List<String> more) throws IOException {
    Job<?> job = job();
    Main.commandLine(job)
        .parseArgs(
            Stream.concat(jobOptions().stream().map(placed), more.stream()).toArray(String[]::new));
    job.run(spark, job.settings());
  }
}
