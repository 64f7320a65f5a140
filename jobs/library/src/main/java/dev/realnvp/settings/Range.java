package dev.realnvp.settings;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What values a setting may have, besides their type, which is that of its default; or a parameter
 * of Spark ML's stages that is no setting. The check of settings, their page, the help of options
 * and the validators of Spark ML's parameters follow from it.
 *
 * @param expected in words, for errors and help, and as a comment declares it: "a number above 0"
 * @param valid tells of a number, a text, or a list or array of numbers whether it is in range
 */
public record Range(String expected, Predicate<Object> valid) {

  private static final String AUTO = "auto, or ";

  private static final Pattern NUMBER =
      Pattern.compile(
          "a (whole )?number (above|of at least) (\\d+)(?: and (below|of at most) (\\d+))?");

  private static final Pattern LIST =
      Pattern.compile("a list of (one or more )?whole numbers of at least 1, such as .*");

  private static final Pattern WORDS = Pattern.compile("one of \\[(.*)\\]");

  private static final Predicate<Object> COUNT = declared("a whole number of at least 1").valid;

  /** The range of a setting; empty if all values of its type are good. */
  public static Optional<Range> of(String key) {
    return Optional.ofNullable(Setting.all().get(key)).flatMap(Setting::range);
  }

  /**
   * The range that such words declare.
   *
   * @throws IllegalArgumentException if no range is declared so
   */
  static Range declared(String expected) {
    if (expected.startsWith(AUTO)) {
      Predicate<Object> set = declared(expected.substring(AUTO.length())).valid;
      return new Range(expected, value -> isAuto(value) || set.test(value));
    }
    Matcher number = NUMBER.matcher(expected);
    if (number.matches()) {
      return new Range(expected, numbers(number));
    }
    Matcher list = LIST.matcher(expected);
    if (list.matches()) {
      boolean some = list.group(1) != null;
      return new Range(
          expected,
          value -> list(value).stream().allMatch(COUNT) && !(some && list(value).isEmpty()));
    }
    Matcher words = WORDS.matcher(expected);
    if (words.matches()) {
      return new Range(expected, oneOf(List.of(words.group(1).split(", "))));
    }
    if (expected.equals("auto, true or false")) {
      // The other words are those that HOCON takes for truth values.
      return new Range(expected, oneOf(List.of("auto", "true", "false", "on", "off", "yes", "no")));
    }
    throw new IllegalArgumentException("values: got '%s', which is no range".formatted(expected));
  }

  private static boolean isAuto(Object value) {
    return value.toString().equalsIgnoreCase("auto");
  }

  private static Predicate<Object> numbers(Matcher range) {
    boolean whole = range.group(1) != null;
    boolean above = range.group(2).equals("above");
    double least = Double.parseDouble(range.group(3));
    double most =
        range.group(5) == null ? Double.POSITIVE_INFINITY : Double.parseDouble(range.group(5));
    boolean open = range.group(5) == null || range.group(4).equals("below");
    DoublePredicate inside = x -> (above ? x > least : x >= least) && (open ? x < most : x <= most);
    return value -> {
      double x = number(value);
      return inside.test(x) && (!whole || x <= Integer.MAX_VALUE && x == Math.rint(x));
    };
  }

  private static double number(Object value) {
    try {
      return Double.parseDouble(String.valueOf(value));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static List<?> list(Object value) {
    return value instanceof int[] array
        ? IntStream.of(array).boxed().toList()
        : value instanceof List<?> list ? list : List.of();
  }

  private static Predicate<Object> oneOf(List<String> words) {
    return value -> words.contains(value.toString().toLowerCase(Locale.ROOT));
  }
}
