package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation tells to type exists; its code and messages are those of the project. */
class DocumentationTest {

  private static final Pattern SHELL_BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```");
  private static final Pattern INLINE = Pattern.compile("`(submit/[a-z-]+\\.sh( [^`]*)?)`");
  private static final Pattern EXAMPLE =
      Pattern.compile("(?m)^(?:Examples?:)? +(submit/[a-z-]+\\.sh.*)$");
  private static final Pattern PYTHON_BLOCK = Pattern.compile("(?ms)^```python\n(.*?)^```");
  private static final Pattern JVM_BLOCK = Pattern.compile("(?ms)^```(?:java|scala)\n(.*?)^```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+");

  /** Prints a job script's arguments without those that are Spark's, as the scripts split them. */
  private static final String SPLIT =
      "source \"$0\"; split_options \"$@\"; printf '%s\\0' \"${job_options[@]}\"";

  /** A command of a page. */
  record Command(String page, String line) {

    boolean isOurs() {
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

    /** Runs its job, words replaced, with some more of them. */
    void run(SparkSession spark, UnaryOperator<String> placed, List<String> more)
        throws IOException {
      Job<?> job = Repository.jobs().get(nameOf(words().get(0)));
      Main.commandLine(job)
          .parseArgs(
              Stream.concat(words().stream().skip(1).map(placed), more.stream())
                  .toArray(String[]::new));
      job.run(spark, job.settings());
    }
  }

  static Stream<Command> commands() throws IOException {
    List<Command> commands = new ArrayList<>();
    for (Path page : Repository.pages()) {
      String name = Repository.ROOT.relativize(page).toString();
      String text = Repository.read(page);
      SHELL_BLOCK
          .matcher(text)
          .results()
          .flatMap(block -> block.group(1).replace("\\\n", " ").lines())
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(line -> commands.add(new Command(name, line)));
      Stream.of(INLINE, EXAMPLE)
          .flatMap(pattern -> pattern.matcher(text).results())
          .forEach(match -> commands.add(new Command(name, match.group(1))));
    }
    return commands.stream().filter(Command::isOurs).distinct();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandThatIsShownCanBeTyped(Command command) throws Exception {
    List<String> words = command.words();
    String program = words.get(0);
    if (words.contains("--class")) {
      String example = words.get(words.indexOf("--class") + 1) + ".java";
      assertThat(Repository.ROOT.resolve("docs/examples").resolve(example)).exists();
    } else if (program.equals("spark-submit") || program.equals("submit/spark-submit")) {
      int script = indexOfScript(words);
      runsAJob(words.get(script), words.subList(script + 1, words.size()));
    } else {
      assertThat(Repository.ROOT.resolve(program)).isExecutable();
      if (Repository.jobs().containsKey(nameOf(program))) {
        runsAJob(program, words.subList(1, words.size()));
      }
    }
  }

  private static int indexOfScript(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i).endsWith(".sh")) {
        return i;
      }
    }
    throw new AssertionError("no job script in " + words);
  }

  private static String nameOf(String script) {
    return Path.of(script).getFileName().toString();
  }

  /** Its options are the job's, and the settings that it gives are there and of the right type. */
  private static void runsAJob(String script, List<String> arguments) throws Exception {
    assertThat(Repository.ROOT.resolve(script)).isExecutable();
    Job<?> job = Repository.jobs().get(nameOf(script));
    String[] own = withoutSparks(arguments);
    assertThatCode(
            () -> {
              Main.commandLine(job).parseArgs(own);
              if (!List.of(own).contains("--conf-file")) {
                job.settings();
              }
            })
        .doesNotThrowAnyException();
  }

  private static String[] withoutSparks(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c", SPLIT));
    command.add(Repository.ROOT.resolve("submit/lib.sh").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(out).isZero();
    return Stream.of(out.split("\0")).filter(word -> !word.isEmpty()).toArray(String[]::new);
  }

  @Test
  void linksLeadToFiles() throws IOException {
    for (Path page : Repository.pages()) {
      Matcher link = LINK.matcher(Repository.read(page));
      while (link.find()) {
        assertThat(page.resolveSibling(link.group(1))).as("%s", page).exists();
      }
    }
  }

  @Test
  void thePyTorchThatIsShownIsTheFileThatIsTested() throws IOException {
    Matcher block =
        PYTHON_BLOCK.matcher(Repository.read(Repository.ROOT.resolve("docs/interop.md")));
    assertThat(block.find()).isTrue();
    assertThat(Repository.ROOT.resolve("docs/examples/log_prob.py")).hasContent(block.group(1));
  }

  /** Of which the pages show some lines. */
  @Test
  void theJavaAndScalaThatAreShownAreOfProgramsThatAreRun() throws IOException {
    String programs = unindented(Repository.examples());
    for (Path page : Repository.pages()) {
      Matcher block = JVM_BLOCK.matcher(Repository.read(page));
      while (block.find()) {
        assertThat(programs).as("%s", page).contains(unindented(block.group(1)));
      }
    }
  }

  private static String unindented(String code) {
    return code.replaceAll("(?m)^ +", "");
  }

  /** The headings of the FAQ are messages, with dots for what differs. */
  @Test
  void theFaqHasMessagesOfTheProject() throws IOException {
    String sources = sources();
    List<String> headings =
        Repository.read(Repository.ROOT.resolve("docs/faq.md"))
            .lines()
            .filter(line -> line.startsWith("## `"))
            .map(line -> line.substring(4, line.length() - 1))
            .toList();
    assertThat(headings).hasSizeGreaterThan(10);
    for (String heading : headings) {
      for (String part : heading.split("\\.\\.\\.")) {
        assertThat(sources.contains(part.strip())).as("'%s' of '%s'", part, heading).isTrue();
      }
    }
  }

  /** Scripts and Java, strings that go on in the next line joined. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String folder : List.of("submit", "jobs/src/main", "flow-model/src/main")) {
      try (Stream<Path> files = Files.walk(Repository.ROOT.resolve(folder))) {
        files.filter(Files::isRegularFile).map(Repository::read).forEach(all::append);
      }
    }
    return all.toString().replaceAll("\"\\s*\\+ \"", "");
  }
}
