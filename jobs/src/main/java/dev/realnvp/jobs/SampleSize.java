package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.stored.FeatureColumns;
import java.util.Optional;
import java.util.stream.Collectors;

/** How many samples the settings ask for: {@code sample.counts}, else {@code sample.per-class}. */
final class SampleSize {

  private static final String COUNTS = "sample.counts";

  /** A message names no more classes. */
  private static final int MOST_NAMES = 20;

  private SampleSize() {}

  /**
   * Reads the settings.
   *
   * @param classes K, that the flow is conditioned on; 0 for an unconditional one
   * @param names of the classes, where they have any
   * @throws ConfigurationException if a class is unknown or named twice, or a number is none
   */
  static SampleCounts of(Config config, int classes, LabelNames names) {
    String text = config.getString(COUNTS);
    if (text.isBlank()) {
      return SampleCounts.same(config.getInt("sample.per-class"), Math.max(classes, 1));
    }
    if (classes == 0) {
      throw Settings.wrong(
          config, COUNTS, "none for a flow without classes, which has --per-class");
    }
    long[] counts = new long[classes];
    for (String part : text.split(",", -1)) {
      int equals = part.lastIndexOf('=');
      if (equals < 0) {
        throw Settings.wrong(config, COUNTS, "CLASS=N, separated by commas, such as 0=100,3=5000");
      }
      String name = part.substring(0, equals).trim();
      int label =
          label(name, classes, names)
              .orElseThrow(
                  () -> Settings.wrong(config, COUNTS, "classes of " + shown(classes, names)));
      if (counts[label] > 0) {
        throw Settings.wrong(config, COUNTS, "class %s once".formatted(name));
      }
      counts[label] = wholeNumber(part.substring(equals + 1).trim()).orElse(0);
      if (counts[label] < 1) {
        throw Settings.wrong(
            config, COUNTS, "a whole number of at least 1 for class %s".formatted(name));
      }
    }
    return SampleCounts.of(counts);
  }

  /** By the class's name if it is one, else by its number. */
  private static Optional<Integer> label(String name, int classes, LabelNames names) {
    int named = FeatureColumns.place(names.names(), name);
    return named >= 0
        ? Optional.of(named)
        : wholeNumber(name).filter(label -> label >= 0 && label < classes);
  }

  private static Optional<Integer> wholeNumber(String text) {
    try {
      return Optional.of(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String shown(int classes, LabelNames names) {
    return names.isEmpty()
        ? "0 to " + (classes - 1)
        : names.names().stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
            + (classes > MOST_NAMES ? ", ..." : "");
  }
}
