package dev.realnvp.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Masks what looks like a credential, for everything that is printed or stored: settings by their
 * names ({@code fs.s3a.secret.key}), and in any text {@code user:password@} of URIs, query
 * parameters ({@code ?sig=...}) and {@code name=value}. conf/log4j2.properties has the patterns for
 * texts once more, for the logs, and conf/spark-defaults.conf those for Spark's event logs and
 * pages.
 */
public final class Redaction {

  /** What stands in the place of a credential. */
  public static final String MASK = "***";

  private static final String SENSITIVE =
      "(?:secret|passwo?r?d|token|access[._-]?key|account[._]key|encryption[._]key|credential|signature)";

  static final Pattern NAME = Pattern.compile("(?i)" + SENSITIVE);

  /** Behind the colon is no port: a port ends with a slash. */
  static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s:/@'\"]*:(?!\\d+/)[^\\s@'\"]+@");

  static final Pattern ASSIGNMENT =
      Pattern.compile(
          "(?i)((?:[\\w.-]*"
              + SENSITIVE
              + "[\\w.-]*|\\bsig)[\"']?\\s*[=:]\\s*[\"']?)[^\\s&'\",;]+");

  /** For Spark, which masks a setting as a whole where its name or its value has a match. */
  static final Pattern SETTING =
      Pattern.compile(NAME.pattern() + "|\\bsig=|" + USER_INFO.pattern());

  private Redaction() {}

  /** The text, with a mask in the place of each credential. Masking twice changes nothing. */
  public static String text(String text) {
    String masked = USER_INFO.matcher(text).replaceAll(MASK + "@");
    return ASSIGNMENT.matcher(masked).replaceAll("$1" + MASK);
  }

  /** The settings, at any depth; what is no text, and has a name beyond suspicion, stays. */
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
