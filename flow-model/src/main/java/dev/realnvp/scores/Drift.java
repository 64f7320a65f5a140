package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.realnvp.model.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether rows still come from the distribution of reference rows, which a flow has learnt. Half of
 * the false-alarm rate goes to the test of log p(x), which sees changes of how features hang
 * together. The other half goes to the tests of each feature and of the classes' shares, together,
 * by Holm's procedure (Holm 1979, A simple sequentially rejective multiple test procedure). So for
 * any number of features, rows from the same distribution are said to have drifted with at most
 * that probability.
 *
 * @param drifted whether anything moved
 * @param falseAlarmRate with what probability that may be said wrongly
 * @param split of the reference rows
 * @param referenceRows how many reference rows were compared
 * @param rows how many rows were
 * @param logProb log p(x), in nats, the class summed out
 * @param features each feature, the one that is farthest from its reference first
 * @param classes the likeliest classes; null without classes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Drift(
    @JsonProperty("drifted") boolean drifted,
    @JsonProperty("false_alarm_rate") double falseAlarmRate,
    @JsonProperty("reference_split") String split,
    @JsonProperty("reference_rows") long referenceRows,
    @JsonProperty("rows") long rows,
    @JsonProperty("log_prob") Shift logProb,
    @JsonProperty("features") List<Shift> features,
    @JsonProperty("classes") ClassShift classes) {

  /**
   * Scores of rows.
   *
   * @param logProb log p(x), in nats, {@code [N]}; what is not finite is negative infinity
   * @param classes how many rows are likeliest of each class, {@code [K]}; {@code [0]} without
   */
  public record Scored(double[] logProb, long[] classes) {}

  /**
   * Judges.
   *
   * @param falseAlarmRate above 0 and below 1
   * @param features as {@link Shift#of} tested them, in any order
   * @param names of the classes; none without
   */
  public static Drift of(
      double falseAlarmRate,
      Reference reference,
      Scored rows,
      List<Shift> features,
      List<String> names) {
    Shift logProb = Shift.of(null, "log_prob", reference.logProb(), Marginal.of(rows.logProb()));
    logProb = logProb.moved(logProb.pValue() <= falseAlarmRate / 2);
    ClassShift classes =
        names.isEmpty() ? null : ClassShift.of(names, reference.classes(), rows.classes());
    List<Double> pValues = new ArrayList<>(features.stream().map(Shift::pValue).toList());
    if (classes != null) {
      pValues.add(classes.pValue());
    }
    boolean[] moved = holm(pValues, falseAlarmRate / 2);
    if (classes != null) {
      classes = classes.moved(moved[features.size()]);
    }
    List<Shift> judged =
        IntStream.range(0, features.size())
            .mapToObj(j -> features.get(j).moved(moved[j]))
            .sorted(
                Comparator.comparingDouble((Shift shift) -> -shift.distance())
                    .thenComparing(Shift::feature))
            .toList();
    boolean drifted =
        logProb.moved()
            || judged.stream().anyMatch(Shift::moved)
            || (classes != null && classes.moved());
    return new Drift(
        drifted,
        falseAlarmRate,
        reference.split(),
        reference.logProb().count(),
        rows.logProb().length,
        logProb,
        judged,
        classes);
  }

  /**
   * Which hypotheses are rejected: the least p-value is compared with {@code rate / m}, the next
   * with {@code rate / (m - 1)}, and so on, up to the first that is greater.
   */
  private static boolean[] holm(List<Double> pValues, double rate) {
    int count = pValues.size();
    boolean[] rejected = new boolean[count];
    List<Integer> order =
        IntStream.range(0, count).boxed().sorted(Comparator.comparing(pValues::get)).toList();
    for (int i = 0; i < count && pValues.get(order.get(i)) <= rate / (count - i); i++) {
      rejected[order.get(i)] = true;
    }
    return rejected;
  }

  /** The features that moved, the one that moved farthest first. */
  public List<Shift> movedFeatures() {
    return features.stream().filter(Shift::moved).toList();
  }

  /**
   * What moved in words, as far as tests of one number tell: {@code log p(x), 2 of 12 features}.
   */
  public List<String> moved() {
    int count = movedFeatures().size();
    return Stream.of(
            logProb.moved() ? "log p(x)" : "",
            count > 0 ? "%,d of %,d features".formatted(count, features.size()) : "",
            classes != null && classes.moved() ? "the classes' shares" : "")
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** Indented JSON. */
  public String toJson() {
    return Json.tree(this).toPrettyString();
  }
}
