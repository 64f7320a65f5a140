package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  @Test
  void theNextCommandKnowsWhereThingsAre() {
    assertThat(Console.command("score", Settings.load(null, List.of(), Map.of("run", "r"))))
        .isEqualTo("submit/score.sh --run r");
    assertThat(
            Console.command(
                "score",
                Settings.load(
                    null,
                    List.of("skip-invalid=true", "table.label-col=kind", "table.where=year > 2020"),
                    Map.of("run", "my run", "paths.flow", "it's"))))
        .isEqualTo(
            "submit/score.sh --run 'my run' --set 'paths.flow=it'\\''s' --set table.label-col=kind"
                + " --set 'table.where=year > 2020' --set skip-invalid=true");
  }

  @Test
  void wordsAreQuotedWhereAShellWouldSplitThem() {
    assertThat(Console.quoted("hdfs://h:9/a-b_c.d")).isEqualTo("hdfs://h:9/a-b_c.d");
    assertThat(Console.quoted("$(x)")).isEqualTo("'$(x)'");
    assertThat(Console.quoted("")).isEqualTo("''");
  }

  @Test
  void clocksReadAsMinutesAndHours() {
    assertThat(Console.clock(65)).isEqualTo("1:05");
    assertThat(Console.clock(0.4)).isEqualTo("0:00");
    assertThat(Console.clock(3 * 3600 + 62)).isEqualTo("3:01:02");
  }

  /** As Java 22 and 23 have it, where System.console() is there without a terminal. */
  public record NewConsole(boolean isTerminal) {}

  @Test
  void aConsoleWithoutATerminalIsNobodyWatching() {
    assertThat(Console.isTerminal(NewConsole.class, new NewConsole(false))).isFalse();
    assertThat(Console.isTerminal(NewConsole.class, new NewConsole(true))).isTrue();
    assertThat(Console.isTerminal(NewConsole.class, null)).isFalse();
    // Before Java 22 there is none without.
    assertThat(Console.isTerminal(Object.class, new Object())).isTrue();
  }
}
