package dev.realnvp.settings;

import dev.realnvp.flow.BaseDistribution;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.layer.ConditionerKind;
import dev.realnvp.model.Schedule;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What values a setting may have, besides their type, which is that of its default; or a parameter
 * of Spark ML's stages that is no setting. Every range is declared here: the check of settings,
 * their page, the help of options and the validators of Spark ML's parameters follow from it.
 *
 * @param expected in words, for errors and help: "a number above 0"
 * @param valid tells of a number, a text, or a list or array of numbers whether it is in range
 */
public record Range(String expected, Predicate<Object> valid) {

  private static final Map<String, Range> BY_KEY = new HashMap<>();

  static {
    Range count = whole(1);
    Range countOrNone = whole(0);
    Range positive = real("above 0", x -> x > 0);
    Range nonNegative = real("of at least 0", x -> x >= 0);
    Range share = real("of at least 0 and below 1", x -> x >= 0 && x < 1);
    Range schedule = oneOf(Schedule.class);
    for (String model : List.of("autoencoder.", "classifier.", "flow.")) {
      BY_KEY.put(model + "epochs", countOrNone);
      BY_KEY.put(model + "batch", count);
      BY_KEY.put(model + "smallest-batch", count);
      BY_KEY.put(model + "averaging-interval", countOrNone);
      BY_KEY.put(model + "learning-rate", positive);
      BY_KEY.put(model + "schedule", schedule);
      BY_KEY.put(model + "warm-up-share", share);
      BY_KEY.put(model + "max-gradient-norm", nonNegative);
      BY_KEY.put(model + "patience", countOrNone);
      BY_KEY.put(model + "l2", orAuto(nonNegative));
    }
    BY_KEY.put("autoencoder.channels", counts());
    BY_KEY.put("autoencoder.code", count);
    BY_KEY.put("autoencoder.shift", countOrNone);
    BY_KEY.put("classifier.channels", countsOrNone());
    BY_KEY.put("classifier.dense", count);
    BY_KEY.put("classifier.shift", orAuto(countOrNone));
    BY_KEY.put("flow.class-embedding", count);
    BY_KEY.put("flow.couplings", count);
    BY_KEY.put("flow.hidden", counts());
    BY_KEY.put("flow.preset", oneOf("auto", "small", "default", "large"));
    BY_KEY.put("flow.conditioner", oneOf(ConditionerKind.class));
    BY_KEY.put("flow.base", oneOf(BaseDistribution.class));
    BY_KEY.put("flow.coupling", oneOf("auto", "affine", "spline"));
    BY_KEY.put("flow.mask", oneOf(CouplingMask.class));
    BY_KEY.put("flow.linear", oneOf("auto", "permutation", "lu"));
    // The other words are those that HOCON takes for truth values.
    BY_KEY.put(
        "flow.batch-norm",
        new Range(
            "auto, true or false", oneOf("auto", "true", "false", "on", "off", "yes", "no").valid));
    BY_KEY.put("table.hold-out", orAuto(share));
    BY_KEY.put("flow.noise", orAuto(nonNegative));
    BY_KEY.put("flow.trim", orAuto(nonNegative));
    BY_KEY.put("flow.validation", share);
    BY_KEY.put("train.workers", countOrNone);
    BY_KEY.put("train.shuffle-megabytes", count);
    BY_KEY.put("train.training-master", oneOf("averaging", "stock"));
    BY_KEY.put("train.on-nan", oneOf("stop", "rewind"));
    BY_KEY.put("train.max-rewinds", countOrNone);
    BY_KEY.put("checkpoint.every-rounds", count);
    BY_KEY.put("checkpoint.keep", countOrNone);
    BY_KEY.put("output.lease-seconds", whole(10));
    BY_KEY.put("ingest.fraction", real("above 0 and of at most 1", x -> x > 0 && x <= 1));
    BY_KEY.put("inference.batch", count);
    BY_KEY.put("score.false-alarm-rate", real("above 0 and below 1", x -> x > 0 && x < 1));
    BY_KEY.put("compare.false-alarm-rate", BY_KEY.get("score.false-alarm-rate"));
    BY_KEY.put("compare.rows", whole(2));
    BY_KEY.put("score.explain", countOrNone);
    BY_KEY.put("score.posterior-classes", countOrNone);
    BY_KEY.put("score.explain-rows", oneOf("anomalies", "all"));
    BY_KEY.put("sample.per-class", count);
    BY_KEY.put("sample.temperature", positive);
    BY_KEY.put("sample.neighbours", countOrNone);
    BY_KEY.put("export.format", oneOf("npz", "onnx"));
    BY_KEY.put("explanations", count);
    BY_KEY.put("handleInvalid", oneOf("error", "skip"));
  }

  /** The range of a setting; empty if all values of its type are good. */
  public static Optional<Range> of(String key) {
    return Optional.ofNullable(BY_KEY.get(key));
  }

  private static Range whole(int least) {
    return numbers(
        "a whole number of at least " + least,
        x -> x >= least && x <= Integer.MAX_VALUE && x == Math.rint(x));
  }

  private static Range real(String bounds, Predicate<Double> valid) {
    return numbers("a number " + bounds, valid);
  }

  private static Range numbers(String expected, Predicate<Double> valid) {
    return new Range(
        expected, value -> valid.test(number(value)) && !Double.isInfinite(number(value)));
  }

  private static Range orAuto(Range range) {
    return new Range(
        "auto, or " + range.expected,
        value -> value.toString().equalsIgnoreCase("auto") || range.valid.test(value));
  }

  private static double number(Object value) {
    try {
      return Double.parseDouble(String.valueOf(value));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static Range counts() {
    return new Range(
        "a list of one or more whole numbers of at least 1, such as [200, 200]",
        value -> !list(value).isEmpty() && areCounts(value));
  }

  private static Range countsOrNone() {
    return new Range(
        "a list of whole numbers of at least 1, such as [32, 64], or []", Range::areCounts);
  }

  private static boolean areCounts(Object value) {
    return list(value).stream().allMatch(whole(1).valid);
  }

  private static List<?> list(Object value) {
    return value instanceof int[] array
        ? IntStream.of(array).boxed().toList()
        : value instanceof List<?> list ? list : List.of();
  }

  private static Range oneOf(Class<? extends Enum<?>> type) {
    return oneOf(
        Arrays.stream(type.getEnumConstants())
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .toArray(String[]::new));
  }

  private static Range oneOf(String... names) {
    List<String> all = List.of(names);
    return new Range(
        "one of " + all, value -> all.contains(value.toString().toLowerCase(Locale.ROOT)));
  }
}
