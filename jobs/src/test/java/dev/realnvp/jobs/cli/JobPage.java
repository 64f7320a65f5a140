package dev.realnvp.jobs.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;

/** {@code docs/jobs/NAME.md}: a job's help, and where it reads and writes. */
final class JobPage {

  private JobPage() {}

  static String render(String script, Job<?> job) {
    String help = Main.commandLine(job).getUsageMessage(Ansi.OFF).stripTrailing();
    return """
        # %s

        ```
        %s
        ```

        Reads: %s. Writes: %s. [Settings](../settings.md) lists all settings and their defaults.
        """
        .formatted(script, help, places(job.reads()), places(job.writes()))
        .replaceAll("(?m) +$", "");
  }

  private static String places(List<String> keys) {
    return keys.isEmpty()
        ? "nothing"
        : keys.stream().distinct().map(key -> "`" + key + "`").collect(Collectors.joining(", "));
  }
}
