package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import dev.realnvp.spark.failure.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The settings of a job: the defaults of {@code pipeline.conf}, under what a configuration file
 * gives, under the {@code --set} options, under the job's own options. A key that the defaults do
 * not have, and a value of another type than the default's or out of its {@link Range}, are errors.
 */
public final class Settings {

  private static final ConfigObject NOTHING = ConfigFactory.empty().root();

  private Settings() {}

  /**
   * The settings in force.
   *
   * @param file a HOCON file, or null
   * @param sets {@code key=value} each, the later one wins
   * @param options values by key; they win over the rest
   * @throws ConfigurationException on an unknown key, a value of the wrong type or out of range, or
   *     a file that cannot be read
   */
  public static Config load(Path file, List<String> sets, Map<String, Object> options) {
    Config defaults = Defaults.unresolved();
    Config known = defaults.resolve(ConfigResolveOptions.noSystem());
    Config merged = defaults;
    if (file != null) {
      String where = "in " + file;
      Config given = parse(file);
      merged = given.withFallback(defaults);
      // The file's own first, and then what comes of its references.
      leaves(given.root(), "").forEach(key -> requireKnown(key, known, where));
      leaves(resolved(given, defaults, known, where).root(), "")
          .forEach(key -> requireKnown(key, known, where));
    }
    Config over = ConfigFactory.empty();
    for (String set : sets) {
      int equals = set.indexOf('=');
      if (equals < 1) {
        throw new ConfigurationException(
            "--set takes key=value, such as flow.epochs=5; got '" + set + "'");
      }
      String key = set.substring(0, equals).trim();
      requireKnown(key, known, "in --set");
      over = over.withValue(key, value(key, set.substring(equals + 1).trim(), known));
    }
    for (Map.Entry<String, Object> option : options.entrySet()) {
      requireKnown(option.getKey(), known, "of an option");
      over = over.withValue(option.getKey(), ConfigValueFactory.fromAnyRef(option.getValue()));
    }
    // Laid over rather than put in: what merges with the defaults is not resolved yet.
    Config resolved = resolved(over, merged, known, "of the options");
    for (String key : leaves(known.root(), "")) {
      requireType(key, known.getValue(key), at(key, resolved));
      requireInRange(key, resolved);
    }
    return resolved;
  }

  /**
   * Checks a setting's value, wherever it comes from.
   *
   * @throws ConfigurationException if it is not in the setting's range
   */
  public static void requireInRange(String key, Config config) {
    Object value = config.getValue(key).unwrapped();
    Range.of(key)
        .filter(range -> !range.valid().test(value))
        .ifPresent(
            range -> {
              throw wrong(config, key, range.expected());
            });
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

  private static Config resolved(Config over, Config below, Config known, String where) {
    try {
      return over.withFallback(below).resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      String keys =
          leaves(known.root(), "").stream()
              .filter(key -> !resolves(key, over, below))
              .collect(Collectors.joining(", "));
      throw new ConfigurationException(
          "the settings %s do not resolve%s: %s"
              .formatted(where, keys.isEmpty() ? "" : " (" + keys + ")", e.getMessage()));
    }
  }

  /** Whether a setting resolves where no other one is laid over. */
  private static boolean resolves(String key, Config over, Config below) {
    try {
      over.withOnlyPath(key).withFallback(below).resolve(ConfigResolveOptions.noSystem());
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }

  /** What is there, null too, which the library's own look-up takes for nothing. */
  private static ConfigValue at(String key, Config resolved) {
    ConfigValue value = resolved.root();
    for (String name : ConfigUtil.splitPath(key)) {
      value = ((ConfigObject) value).get(name);
    }
    return value;
  }

  private static void requireType(String key, ConfigValue expected, ConfigValue got) {
    if (!reads(got, expected)) {
      throw new ConfigurationException(
          "setting %s takes a %s, such as %s; got %s"
              .formatted(key, typeName(expected), shown(expected), shown(got)));
    }
  }

  private static String typeName(ConfigValue value) {
    if (value instanceof ConfigList list) {
      return list.isEmpty() ? "list" : "list of " + typeName(list.get(0)) + "s";
    }
    return isWhole(value) ? "whole number" : value.valueType().name().toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a value is of the type of a default, or the library converts it: a quoted number say.
   * An empty list tells nothing of its elements, which only their {@link Range} bounds then.
   */
  private static boolean reads(ConfigValue value, ConfigValue expected) {
    Config config = value.atKey("value");
    try {
      switch (expected.valueType()) {
        case NUMBER -> {
          return isWhole(config.getNumber("value")) || !isWhole(expected);
        }
        case BOOLEAN -> config.getBoolean("value");
        case STRING -> config.getString("value");
        case LIST -> {
          ConfigList usual = (ConfigList) expected;
          return config.getList("value").stream()
              .allMatch(element -> usual.isEmpty() || reads(element, usual.get(0)));
        }
        default -> {
          return false;
        }
      }
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }

  /** What a setting is, in a sentence without its stop: the first of its comment's. */
  static String meaning(String key) {
    String comment =
        at(key, Defaults.unresolved()).origin().comments().stream()
            .map(String::strip)
            .collect(Collectors.joining(" "));
    return comment.split("\\.( |$)", 2)[0];
  }

  /** The type of an option that gives a setting. */
  static Class<?> type(String key) {
    ConfigValue usual = Defaults.resolved().getValue(key);
    return switch (usual.valueType()) {
      case BOOLEAN -> Boolean.class;
      case NUMBER -> isWhole(usual) ? Integer.class : Double.class;
      default -> String.class;
    };
  }

  /** Whether a default is a whole number: those of real numbers are written with a point. */
  private static boolean isWhole(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        && value.atKey("value").getString("value").matches("\\d+");
  }

  private static boolean isWhole(Number number) {
    double value = number.doubleValue();
    return value == Math.rint(value) && Math.abs(value) <= Long.MAX_VALUE;
  }

  /** A string setting takes the text as it is; any other is read as HOCON. */
  private static ConfigValue value(String key, String text, Config known) {
    if (known.getValue(key).valueType() == ConfigValueType.STRING) {
      return ConfigValueFactory.fromAnyRef(text);
    }
    try {
      return ConfigFactory.parseString("value = " + text).getValue("value");
    } catch (ConfigException e) {
      throw new ConfigurationException("--set " + key + ": cannot read the value '" + text + "'");
    }
  }

  private static void requireKnown(String key, Config known, String where) {
    Set<String> keys = leaves(known.root(), "");
    if (!keys.contains(key)) {
      LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
      String nearest =
          keys.stream()
              .filter(k -> k.startsWith(key + "."))
              .findFirst()
              .orElseGet(
                  () ->
                      keys.stream()
                          .min(Comparator.comparingInt(k -> distance.apply(k, key)))
                          .orElseThrow());
      throw new ConfigurationException(
          "unknown setting " + key + " " + where + "; the nearest known one is " + nearest);
    }
  }

  /** The keys of all that is no group of others, and is resolved. */
  private static Set<String> leaves(ConfigObject group, String prefix) {
    Set<String> keys = new TreeSet<>();
    group.forEach(
        (name, value) -> {
          String key = prefix + ConfigUtil.joinPath(name);
          try {
            if (value.valueType() == ConfigValueType.OBJECT && !value.equals(NOTHING)) {
              keys.addAll(leaves((ConfigObject) value, key + "."));
            } else {
              keys.add(key);
            }
          } catch (ConfigException.NotResolved e) {
            // Its keys are not known yet.
          }
        });
    return keys;
  }

  private static Config parse(Path file) {
    if (Files.isDirectory(file) || !Files.isReadable(file)) {
      throw new ConfigurationException("cannot read the configuration file " + file);
    }
    try {
      return ConfigFactory.parseFile(
          file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (ConfigException e) {
      throw new ConfigurationException("configuration file " + file + ": " + e.getMessage());
    }
  }
}
