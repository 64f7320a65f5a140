package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import dev.realnvp.model.Redaction;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.commons.lang3.time.DurationFormatUtils;

/**
 * What a job says: a heading, figures while it works, its outputs, and what is wrong; credentials
 * masked.
 */
public final class Console {

  private static final PrintStream OUT = System.out;

  /** The settings that say where things are, and which rows, which the next command needs too. */
  private static final List<String> HANDED_ON =
      List.of(
          "paths.images",
          "paths.autoencoder",
          "paths.classifier",
          "paths.embeddings",
          "paths.flow",
          "paths.scores",
          "paths.samples",
          "table.features-col",
          "table.label-col",
          "table.where",
          "skip-invalid");

  private Console() {}

  /** Whether a person watches: then progress is a bar, otherwise lines. */
  public static boolean interactive() {
    return System.getenv("TERM") != null && isTerminal(java.io.Console.class, System.console());
  }

  /** From Java 22 on there may be a console without a terminal, and a method that tells. */
  static <T> boolean isTerminal(Class<T> type, T console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) type.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  static ProgressBar bar(String task, long most) {
    return new ProgressBarBuilder()
        .setTaskName("    " + task)
        .setInitialMax(most)
        .setStyle(ProgressBarStyle.ASCII)
        .build();
  }

  /** A stage's heading. */
  public static void stage(String format, Object... args) {
    print("==> ", format, args);
  }

  /** A line about the work. */
  public static void say(String format, Object... args) {
    print("    ", format, args);
  }

  /** An error or a warning, on the standard error output, each line of it behind its level. */
  static void complain(String level, String message) {
    message.lines().forEach(line -> System.err.println(level + ": " + Redaction.text(line)));
  }

  /** A line for what goes on, but not as it should. */
  public static void warn(String message) {
    complain("warning", message);
  }

  private static void print(String indent, String format, Object... args) {
    OUT.println(indent + Redaction.text(String.format(Locale.ROOT, format, args)));
  }

  public static void wrote(String path) {
    say("wrote %s", path);
  }

  /** The command that comes next, on the same run and with the same places. */
  public static void next(String job, Config config) {
    say("next: %s", command(job, config));
  }

  static String command(String job, Config config) {
    Config usual = Settings.load(null, List.of(), Map.of("run", config.getString("run")));
    String moved =
        HANDED_ON.stream()
            .filter(key -> !config.getValue(key).equals(usual.getValue(key)))
            .map(key -> " --set " + quoted(key + "=" + config.getString(key)))
            .collect(Collectors.joining());
    return "submit/" + job + ".sh --run " + quoted(config.getString("run")) + moved;
  }

  /** As a shell takes it: in quotes where it must be. */
  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** {@code 1:05} for 65 seconds. */
  public static String clock(double seconds) {
    long millis = Math.round(seconds * 1000);
    return DurationFormatUtils.formatDuration(millis, millis < 3_600_000 ? "m:ss" : "H:mm:ss");
  }
}
