package dev.realnvp.jobs.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Runs commands as pages show them, but for places of a test, shorter trainings, and fewer samples
 * if a command does not say how many.
 */
final class ShownCommands {

  private static final List<String> SMALL_FLOW =
      List.of("flow.couplings=2", "flow.hidden=[8]", "flow.epochs=1");
  private static final List<String> FEW_SAMPLES = List.of("sample.per-class=20");
  private static final Map<String, List<String>> LESS =
      Map.of(
          "submit/sample.sh",
          FEW_SAMPLES,
          "submit/train-flow.sh",
          SMALL_FLOW,
          "submit/pipeline.sh",
          Stream.concat(SMALL_FLOW.stream(), FEW_SAMPLES.stream()).toList());

  private final SparkSession spark;
  private final UnaryOperator<String> placed;

  /**
   * @param placed where the test has what a command's word names
   */
  ShownCommands(SparkSession spark, UnaryOperator<String> placed) {
    this.spark = spark;
    this.placed = placed;
  }

  /**
   * Runs those of a page that are chosen, in their order, with some more options.
   *
   * @return their scripts
   */
  List<String> run(String page, Predicate<ShownCommand> chosen, String... more) throws IOException {
    List<String> scripts = new ArrayList<>();
    Stream<ShownCommand> ofPage = ShownCommand.all().filter(command -> command.page().equals(page));
    for (ShownCommand command : ofPage.filter(chosen).toList()) {
      String script = command.script().orElseThrow();
      scripts.add(script);
      List<String> options = new ArrayList<>(List.of(more));
      LESS.getOrDefault(script, List.of())
          .forEach(setting -> options.addAll(List.of("--set", setting)));
      command.run(spark, placed, options);
    }
    return scripts;
  }
}
