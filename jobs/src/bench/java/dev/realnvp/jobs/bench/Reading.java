package dev.realnvp.jobs.bench;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.StatUtils;

/**
 * What a measure found.
 *
 * @param runs every repetition, in the measure's unit
 * @param ours the one number taken from them
 * @param otherRuns repetitions of what it is compared with, where that is not PyTorch
 * @param other the number taken from those; NaN where there are none
 * @param parts what else is known, by name
 */
record Reading(
    List<Double> runs,
    double ours,
    List<Double> otherRuns,
    double other,
    Map<String, Double> parts) {

  /** The best of the repetitions: what the machine does when nothing disturbs it. */
  static Reading best(List<Double> runs) {
    return of(runs, Collections.min(runs));
  }

  /** The median of the repetitions, for what is not a time alone. */
  static Reading middle(List<Double> runs) {
    return of(runs, median(runs));
  }

  static Reading of(double ours) {
    return of(List.of(ours), ours);
  }

  static Reading of(List<Double> runs, double ours) {
    return new Reading(runs, ours, List.of(), Double.NaN, Map.of());
  }

  /** Compared with the best of another's repetitions. */
  Reading against(List<Double> others) {
    return new Reading(runs, ours, others, Collections.min(others), parts);
  }

  /** Compared with the greatest of another's. */
  Reading againstGreatest(List<Double> others) {
    return new Reading(runs, ours, others, Collections.max(others), parts);
  }

  Reading with(Map<String, Double> more) {
    return new Reading(runs, ours, otherRuns, other, more);
  }

  /** Of an even number of values, the mean of the two in the middle. */
  static double median(List<Double> values) {
    return StatUtils.percentile(values.stream().mapToDouble(value -> value).toArray(), 50);
  }
}
