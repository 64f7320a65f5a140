package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.io.function.IOFunction;

/**
 * One line of the table.
 *
 * @param name as {@code --only} takes it
 * @param unit of what is taken, "s" say
 * @param goal what it should show
 * @param peer the peer's work that equals this one, by the jobs' settings: how often each of the
 *     peer's works; empty if PyTorch is not what it is compared with
 * @param work measures
 */
record Measure(
    String name,
    String unit,
    Goal goal,
    Function<Config, Map<String, Integer>> peer,
    IOFunction<Workbench, Reading> work) {

  /**
   * What a measure should show.
   *
   * @param text the bound, as the table shows it
   * @param gain whether its ratio is the other's number over ours, in place of ours over the
   *     other's
   */
  record Goal(String text, boolean gain) {

    /** A figure to know, that has no bound. */
    static final Goal NONE = new Goal("", false);

    /** Bounds ours over the other's: below 1 is less. */
    static Goal ratioAtMost(double bound) {
      return new Goal(String.format(Locale.ROOT, "<= %.2f", bound), false);
    }

    /** Bounds the other's over ours. */
    static Goal gainAtLeast(double bound) {
      return new Goal(String.format(Locale.ROOT, ">= %.1f", bound), true);
    }

    /** Bounds ours alone, in its unit. */
    static Goal valueAtMost(double bound) {
      String text = BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
      return new Goal("<= " + text, false);
    }

    /** The ratio that the table shows; NaN if there is nothing to divide by. */
    double ratio(double ours, double other) {
      return gain ? other / ours : ours / other;
    }
  }

  /** A measure that is not compared with PyTorch. */
  Measure(String name, String unit, Goal goal, IOFunction<Workbench, Reading> work) {
    this(name, unit, goal, settings -> Map.of(), work);
  }

  /**
   * The line for the JSON file; numbers that there are none of are null.
   *
   * @param other the peer; null if there is none
   */
  Map<String, Object> line(Reading reading, Peer other, Config settings) {
    Map<String, Integer> works = peer.apply(settings);
    double compared =
        works.isEmpty() ? reading.other() : other == null ? Double.NaN : other.seconds(works);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("unit", unit);
    map.put("ours", orNull(reading.ours()));
    map.put("median", orNull(Reading.median(reading.runs())));
    map.put("runs", reading.runs());
    map.put("peer", orNull(compared));
    map.put("peer_runs", reading.otherRuns());
    map.put("ratio", orNull(goal.ratio(reading.ours(), compared)));
    map.put("target", goal.text());
    map.put("parts", reading.parts());
    return map;
  }

  private static Double orNull(double number) {
    return Double.isNaN(number) ? null : number;
  }
}
