package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.realnvp.spark.data.ConfigurationException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads of settings that check the range and name the key. */
public final class Checked {

  private Checked() {}

  /** A whole number of at least {@code least}. */
  public static int atLeast(int least, Config config, String key) {
    double value = config.getDouble(key);
    if (!(value >= least && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
      throw wrong(config, key, "a whole number of at least " + least);
    }
    return (int) value;
  }

  /** A whole number of at least 1. */
  public static int positive(Config config, String key) {
    return atLeast(1, config, key);
  }

  /** A finite number above 0. */
  public static double positiveReal(Config config, String key) {
    double value = config.getDouble(key);
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(config, key, "a number above 0");
    }
    return value;
  }

  /** A number above 0 and of at most 1. */
  public static double fraction(Config config, String key) {
    double value = config.getDouble(key);
    if (!(value > 0 && value <= 1)) {
      throw wrong(config, key, "a number above 0 and of at most 1");
    }
    return value;
  }

  /** A number of at least 0 and below 1. */
  public static double share(Config config, String key) {
    double value = config.getDouble(key);
    if (!(value >= 0 && value < 1)) {
      throw wrong(config, key, "a number of at least 0 and below 1");
    }
    return value;
  }

  /** A number above 0 and below 1. */
  public static double rate(Config config, String key) {
    double value = config.getDouble(key);
    if (!(value > 0 && value < 1)) {
      throw wrong(config, key, "a number above 0 and below 1");
    }
    return value;
  }

  /** A finite number of at least 0. */
  public static double nonNegativeReal(Config config, String key) {
    double value = config.getDouble(key);
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(config, key, "a number of at least 0");
    }
    return value;
  }

  /** One or more whole numbers of at least 1. */
  public static List<Integer> positives(Config config, String key) {
    String expected = "a list of one or more whole numbers of at least 1, such as [200, 200]";
    List<Integer> values;
    try {
      values = List.copyOf(config.getIntList(key));
    } catch (ConfigException e) {
      throw wrong(config, key, expected);
    }
    if (values.isEmpty() || values.stream().anyMatch(v -> v < 1)) {
      throw wrong(config, key, expected);
    }
    return values;
  }

  /** One of an enum's names, in lower case in the settings. */
  public static <E extends Enum<E>> E choice(Class<E> type, Config config, String key) {
    String value = config.getString(key);
    return Arrays.stream(type.getEnumConstants())
        .filter(e -> e.name().equalsIgnoreCase(value))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    config,
                    key,
                    "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT)));
  }

  /** What is thrown for a value that is not as expected. */
  public static ConfigurationException wrong(Config config, String key, String expected) {
    return new ConfigurationException(
        "setting " + key + ": expected " + expected + "; got " + shown(config.getValue(key)));
  }

  /** A value on one line, as HOCON takes it. */
  public static String shown(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }
}
