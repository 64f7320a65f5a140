package dev.realnvp.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Masks whatever looks like a credential, for everything that is printed or stored: settings by
 * their names ({@code fs.s3a.secret.key}), and in any text {@code user:password@} of URIs, query
 * parameters ({@code ?sig=...}) and {@code name=value}. conf/log4j2.properties repeats the patterns
 * for texts, for the logs, and conf/spark-defaults.conf those for Spark's event logs and pages.
 */
public final class Redaction {

  /** The replacement of a credential. */
  public static final String MASK = "***";

  private static final String SENSITIVE =
      "(?:secret|passwo?r?d|token|access[._-]?key|account[._]key|encryption[._]key|credential|signature)";

  static final Pattern NAME = Pattern.compile("(?i)" + SENSITIVE);

  /** What follows the colon is not a port: a port ends with a slash. */
  static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s:/@'\"]*:(?!\\d+/)[^\\s@'\"]+@");

  static final Pattern ASSIGNMENT =
      Pattern.compile(
          "(?i)((?:[\\w.-]*"
              + SENSITIVE
              + "[\\w.-]*|\\bsig)[\"']?\\s*[=:]\\s*[\"']?)[^\\s&'\",;]+");

  /** For Spark, which masks a setting's complete value if its name or its value matches. */
  static final Pattern SETTING =
      Pattern.compile(NAME.pattern() + "|\\bsig=|" + USER_INFO.pattern());

  private Redaction() {}

  /** The text with each credential masked. Masking twice changes nothing. */
  public static String text(String text) {
    String masked = USER_INFO.matcher(text).replaceAll(MASK + "@");
    return ASSIGNMENT.matcher(masked).replaceAll("$1" + MASK);
  }

  /** The settings, at any depth; a value that is not text stays, unless its name is suspicious. */
  public static Map<String, Object> settings(Map<String, Object> settings) {
    Map<String, Object> masked = new LinkedHashMap<>();
    settings.forEach(
        (name, value) ->
            masked.put(name, NAME.matcher(name).find() && value != null ? MASK : value(value)));
    return masked;
  }

  private static Object value(Object value) {
    if (value instanceof String text) {
      return text(text);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Redaction::value).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> settings = new LinkedHashMap<>();
      map.forEach((name, inner) -> settings.put(String.valueOf(name), inner));
      return settings(settings);
    }
    return value;
  }
}
