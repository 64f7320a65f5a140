package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation tells to type exists; its code and messages are those of the project. */
class DocumentationTest {

  private static final Pattern JVM_BLOCK = Pattern.compile("(?ms)^```(?:java|scala)\n(.*?)^```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  static Stream<ShownCommand> commands() throws IOException {
    return ShownCommand.all();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandThatIsShownCanBeTyped(ShownCommand command) throws IOException {
    List<String> words = command.words();
    if (words.get(0).startsWith("submit/")) {
      assertThat(Repository.ROOT.resolve(words.get(0))).isExecutable();
    }
    if (words.contains("--class")) {
      String example = words.get(words.indexOf("--class") + 1) + ".java";
      assertThat(Repository.ROOT.resolve("docs/examples").resolve(example)).exists();
    } else if (command.script().isPresent()) {
      assertThat(Repository.ROOT.resolve(command.script().get())).isExecutable();
      if (command.job() != null) {
        understands(command.job(), command.jobOptions());
      }
    } else {
      assertThat(words.get(0)).isEqualTo("submit/spark-class");
    }
  }

  /** The options are the job's, and the settings that they give are there and of the right type. */
  private static void understands(Job<?> job, List<String> options) {
    assertThatCode(
            () -> {
              Main.commandLine(job).parseArgs(options.toArray(String[]::new));
              if (!options.contains("--conf-file")) {
                job.settings();
              }
            })
        .doesNotThrowAnyException();
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

  /** Those in the first column under the heading, with dots for what differs. */
  @Test
  void whatToDoWhenHasMessagesOfTheProject() throws IOException {
    String sources = sources();
    List<String> messages =
        Repository.read(Repository.ROOT.resolve("docs/operations.md"))
            .lines()
            .dropWhile(line -> !line.equals("## What to do when"))
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .toList();
    assertThat(messages).hasSizeGreaterThan(10);
    for (String message : messages) {
      for (String part : message.split("\\.\\.\\.")) {
        assertThat(sources.contains(part.strip())).as("'%s' of '%s'", part, message).isTrue();
      }
    }
  }

  /** Scripts and Java, strings that go on in the next line joined. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String folder :
        List.of("submit", "jobs/src/main", "jobs/library/src/main", "flow-model/src/main")) {
      try (Stream<Path> files = Files.walk(Repository.ROOT.resolve(folder))) {
        files.filter(Files::isRegularFile).map(Repository::read).forEach(all::append);
      }
    }
    return all.toString().replaceAll("\"\\s*\\+ \"", "");
  }
}
