package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What a job says on its standard output: a heading, figures while it works, and its outputs. */
public final class Console {

  private static final PrintStream OUT = System.out;

  private Console() {}

  /** Whether a person watches: then progress is a bar, otherwise lines. */
  public static boolean interactive() {
    return System.console() != null && System.getenv("TERM") != null;
  }

  /** A stage's heading. */
  public static void stage(String format, Object... args) {
    OUT.println("==> " + String.format(Locale.ROOT, format, args));
  }

  /** A line about the work. */
  public static void say(String format, Object... args) {
    OUT.println("    " + String.format(Locale.ROOT, format, args));
  }

  /** What was written. */
  public static void wrote(String path) {
    say("wrote %s", path);
  }

  /** The command that comes next, on the same run. */
  public static void next(String job, Config config) {
    say("next: submit/%s.sh --run %s", job, quoted(config.getString("run")));
  }

  /** As a shell takes it: in quotes where it must be. */
  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** {@code 1:05} for 65 seconds. */
  public static String clock(double seconds) {
    Duration duration = Duration.ofMillis(Math.round(seconds * 1000));
    return duration.toHours() > 0
        ? String.format(
            Locale.ROOT,
            "%d:%02d:%02d",
            duration.toHours(),
            duration.toMinutesPart(),
            duration.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }
}
