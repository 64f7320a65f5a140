package dev.realnvp.settings;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a comment declares of the setting below it: what it is for, {@code Values: a number above
 * 0.}, and the parameter of the Spark ML stages that it is, {@code Spark ML: `double stepSize`.}
 *
 * @param meaning in sentences
 * @param range of its values; empty if all values of its type are good
 * @param parameter type and name; empty if it is none
 */
public record Setting(String meaning, Optional<Range> range, Optional<String> parameter) {

  private static final Pattern VALUES = Pattern.compile(" ?Values: ([^.]+)\\.");
  private static final Pattern PARAMETER = Pattern.compile(" ?Spark ML: `([^`]+)`\\.");

  private static final Map<String, Setting> ALL = new LinkedHashMap<>();

  static {
    ConfigObject root = Defaults.unresolved().root();
    Map<String, String> comments = new HashMap<>();
    declare("", "", root, comments);
    for (String section : inOrder(root)) {
      if (root.get(section) instanceof ConfigObject settings) {
        declare(section + ".", comment(settings), settings, comments);
      }
    }
  }

  /**
   * All settings by their keys, in the order of {@code pipeline.conf}. One without a comment has
   * that of the first setting with the same name, else of the setting before it, else of its
   * section.
   */
  public static Map<String, Setting> all() {
    return ALL;
  }

  private static void declare(
      String prefix, String ofSection, ConfigObject settings, Map<String, String> comments) {
    String before = ofSection;
    for (String name : inOrder(settings)) {
      if (!(settings.get(name) instanceof ConfigObject)) {
        String own = comment(settings.get(name));
        before = own.isEmpty() ? comments.getOrDefault(name, before) : own;
        comments.putIfAbsent(name, before);
        ALL.put(prefix + name, of(before));
      }
    }
  }

  /** What a comment declares. */
  public static Setting of(String comment) {
    return new Setting(
        PARAMETER.matcher(VALUES.matcher(comment).replaceFirst("")).replaceFirst("").strip(),
        first(VALUES, comment).map(Range::declared),
        first(PARAMETER, comment));
  }

  private static Optional<String> first(Pattern pattern, String comment) {
    return pattern.matcher(comment).results().findFirst().map(found -> found.group(1));
  }

  /** The names, in the file's order. */
  private static List<String> inOrder(ConfigObject settings) {
    return settings.keySet().stream()
        .sorted(Comparator.comparing(name -> settings.get(name).origin().lineNumber()))
        .toList();
  }

  /** The comment above a value, in one line. */
  public static String comment(ConfigValue value) {
    return String.join(" ", value.origin().comments().stream().map(String::strip).toList());
  }
}
