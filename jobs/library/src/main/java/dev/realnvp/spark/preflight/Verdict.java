package dev.realnvp.spark.preflight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.util.StringUtils.TraditionalBinaryPrefix;

/**
 * The verdict of a check on one process.
 *
 * @param what the observed value
 * @param remedy what to change; empty for nothing
 */
record Verdict(Severity level, String what, String remedy) {

  /** More executors than this are only counted. */
  private static final int NAMED = 4;

  static Verdict ok(String what) {
    return new Verdict(Severity.OK, what, "");
  }

  static Verdict warning(String what, String remedy) {
    return new Verdict(Severity.WARNING, what, remedy);
  }

  static Verdict error(String what, String remedy) {
    return new Verdict(Severity.ERROR, what, remedy);
  }

  /** One finding for all processes with the same verdict. */
  static List<Finding> findings(
      String subject, List<ProcessFacts> processes, Function<ProcessFacts, Verdict> check) {
    return lists(subject, processes, check.andThen(List::of));
  }

  /** The same for checks with more than one verdict. */
  static List<Finding> lists(
      String subject, List<ProcessFacts> processes, Function<ProcessFacts, List<Verdict>> check) {
    Map<Verdict, List<ProcessFacts>> same = new LinkedHashMap<>();
    for (ProcessFacts process : processes) {
      for (Verdict verdict : check.apply(process)) {
        same.computeIfAbsent(verdict, v -> new ArrayList<>()).add(process);
      }
    }
    return same.entrySet().stream()
        .map(entry -> entry.getKey().finding(subject, " on " + names(entry.getValue())))
        .toList();
  }

  /** {@code the driver and executors 0, 1}. */
  static String names(List<ProcessFacts> processes) {
    List<String> names = new ArrayList<>();
    if (processes.stream().anyMatch(ProcessFacts::isDriver)) {
      names.add("the driver");
    }
    List<ProcessFacts> executors = processes.stream().filter(p -> !p.isDriver()).toList();
    if (executors.size() == 1) {
      names.add("executor " + executors.get(0).id() + " (" + executors.get(0).host() + ")");
    } else if (!executors.isEmpty()) {
      names.add(
          executors.stream()
                  .limit(NAMED)
                  .map(ProcessFacts::id)
                  .collect(Collectors.joining(", ", "executors ", ""))
              + (executors.size() > NAMED
                  ? " and %d more".formatted(executors.size() - NAMED)
                  : ""));
    }
    return String.join(" and ", names);
  }

  /**
   * @param where added after the observed value
   */
  Finding finding(String subject, String where) {
    return new Finding(
        level,
        subject,
        what + where + (remedy.isEmpty() ? "" : ": " + remedy),
        level == Severity.ERROR && subject.equals(Places.DISK));
  }

  /** {@code 1.5 GB} for 1.5 times 2^30 bytes. */
  static String size(long bytes) {
    return TraditionalBinaryPrefix.long2String(bytes, "B", 1);
  }
}
