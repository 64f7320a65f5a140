package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.data.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The settings of a job: the defaults of {@code pipeline.conf}, under what a configuration file
 * gives, under the {@code --set} options, under the job's own options. A key that the defaults do
 * not have, and a value of another type than the default's, are errors.
 */
public final class Settings {

  private Settings() {}

  /**
   * The settings in force.
   *
   * @param file a HOCON file, or null
   * @param sets {@code key=value} each, the later one wins
   * @param options values by key; they win over the rest
   * @throws ConfigurationException on an unknown key, a value of the wrong type or a file that
   *     cannot be read
   */
  public static Config load(Path file, List<String> sets, Map<String, Object> options) {
    Config defaults = Defaults.unresolved();
    Config known = defaults.resolve(ConfigResolveOptions.noSystem());
    Config merged = defaults;
    if (file != null) {
      Config given = parse(file);
      for (String key : leaves(given)) {
        requireKnown(key, known, "in " + file);
      }
      merged = given.withFallback(merged);
    }
    for (String set : sets) {
      int equals = set.indexOf('=');
      if (equals < 1) {
        throw new ConfigurationException(
            "--set takes key=value, such as flow.epochs=5; got '" + set + "'");
      }
      String key = set.substring(0, equals).trim();
      requireKnown(key, known, "in --set");
      ConfigValue value = value(key, set.substring(equals + 1).trim(), known);
      merged = merged.withValue(key, value);
    }
    for (Map.Entry<String, Object> option : options.entrySet()) {
      requireKnown(option.getKey(), known, "of an option");
      merged = merged.withValue(option.getKey(), ConfigValueFactory.fromAnyRef(option.getValue()));
    }
    return checked(merged, known);
  }

  private static Config checked(Config merged, Config known) {
    Config resolved;
    try {
      resolved = merged.resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw new ConfigurationException("the settings do not resolve: " + e.getMessage());
    }
    for (String key : leaves(known)) {
      ConfigValueType expected = known.getValue(key).valueType();
      ConfigValue got = resolved.getValue(key);
      if (got.valueType() != expected && !reads(resolved, key, expected)) {
        throw new ConfigurationException(
            "setting "
                + key
                + " takes a "
                + expected.name().toLowerCase(java.util.Locale.ROOT)
                + ", such as "
                + Checked.shown(known.getValue(key))
                + "; got "
                + Checked.shown(got));
      }
    }
    return resolved;
  }

  /** Whether the library converts the value, a quoted number say. */
  private static boolean reads(Config config, String key, ConfigValueType expected) {
    try {
      switch (expected) {
        case NUMBER -> config.getNumber(key);
        case BOOLEAN -> config.getBoolean(key);
        case STRING -> config.getString(key);
        default -> {
          return false;
        }
      }
      return true;
    } catch (ConfigException.WrongType e) {
      return false;
    }
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
    Set<String> keys = leaves(known);
    if (!keys.contains(key)) {
      LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
      String nearest =
          keys.stream().min(Comparator.comparingInt(k -> distance.apply(k, key))).orElseThrow();
      throw new ConfigurationException(
          "unknown setting " + key + " " + where + "; the nearest known one is " + nearest);
    }
  }

  private static Set<String> leaves(Config config) {
    return config.root().isEmpty()
        ? Set.of()
        : config.entrySet().stream()
            .map(e -> String.join(".", ConfigUtil.splitPath(e.getKey())))
            .collect(Collectors.toCollection(TreeSet::new));
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
