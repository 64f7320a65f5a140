package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code submit/kubernetes/Dockerfile} makes, in a plain folder that takes the place of a
 * container's root. Its steps are run in order; absolute paths in them are meant inside.
 *
 * @param root the folder
 * @param home the folder that a container starts in, by its path in the folder
 * @param entrypoint the main program, by its path in the folder
 */
record Image(Path root, Path home, Path entrypoint) {
  private static final Pattern STEP = Pattern.compile("([A-Z]+) (.*)");
  private static final Pattern WORD_OF_JSON = Pattern.compile("\"([^\"]*)\"");
  private static final Pattern ABSOLUTE = Pattern.compile("(?<![\\w.-])/(?=(?:opt|etc)/)");

  /** Builds it out of the checkout. */
  static Image build(Path root) throws IOException {
    Path context = Checkout.original();
    Files.createDirectories(root.resolve("etc"));
    Path home = null;
    Path entrypoint = null;
    for (String line : Files.readAllLines(context.resolve("submit/kubernetes/Dockerfile"))) {
      Matcher step = STEP.matcher(line);
      if (!step.matches()) {
        assertThat(line).startsWith("#");
        continue;
      }
      String words = step.group(2);
      switch (step.group(1)) {
        case "COPY" -> copy(context, root, words.split(" "));
        case "RUN" -> run(root, "sh", "-ec", inside(root, words));
        case "ENTRYPOINT" -> {
          Matcher word = WORD_OF_JSON.matcher(words);
          assertThat(word.find()).isTrue();
          entrypoint = Path.of(inside(root, word.group(1)));
        }
        case "WORKDIR" -> home = Path.of(inside(root, words));
        // The user's name and home are this process's.
        case "FROM", "USER", "ENV" -> {}
        default -> throw new IllegalStateException("No such step is known: " + line);
      }
    }
    return new Image(root, home, entrypoint);
  }

  /** A folder's contents go into the destination, files under their names into one with a slash. */
  private static void copy(Path context, Path root, String... words) throws IOException {
    Path to = Path.of(inside(root, words[words.length - 1]));
    Files.createDirectories(to);
    for (int i = 0; i < words.length - 1; i++) {
      Path from = context.resolve(words[i]);
      run(root, "cp", "-a", Files.isDirectory(from) ? from + "/." : from.toString(), to.toString());
    }
  }

  private static void run(Path folder, String... command) {
    ScriptRun.of(folder, Map.of(), List.of(command)).done();
  }

  /** The text with the absolute paths that are meant inside. */
  static String inside(Path root, String text) {
    return ABSOLUTE.matcher(text).replaceAll(Matcher.quoteReplacement(root + "/"));
  }

  /** What a container did that was started with these words. */
  ScriptRun run(String... words) {
    return ScriptRun.of(home, Map.of(), ScriptRun.words(entrypoint, words));
  }

  /** A container's main program, not started yet. */
  ProcessBuilder container(Map<String, String> environment, List<String> arguments) {
    return ScriptRun.process(home, environment, ScriptRun.words(entrypoint, arguments));
  }
}
