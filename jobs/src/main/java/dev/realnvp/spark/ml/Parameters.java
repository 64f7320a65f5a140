package dev.realnvp.spark.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import scala.Function1;

/**
 * What the stages' parameters are for, their ranges and defaults: settings as {@code pipeline.conf}
 * declares them, the others as {@code parameters.conf} does. The build makes the interfaces with
 * their methods from the same files ({@code ParameterSources}).
 */
final class Parameters {

  private static final Pattern DECLARED = Pattern.compile(" ?Spark ML: `(\\S+) (\\w+)`\\.");

  private static final Map<String, Declared> ALL = new HashMap<>();

  static {
    Defaults.resolved()
        .entrySet()
        .forEach(
            setting -> {
              String comment = comment(setting.getValue());
              Matcher declared = DECLARED.matcher(comment);
              if (declared.find()) {
                String doc = declared.replaceFirst("");
                boolean isText = declared.group(1).equals("String");
                ALL.put(
                    declared.group(2),
                    new Declared(setting.getKey(), true, isText, doc, setting.getValue()));
              }
            });
    for (ConfigValue section :
        ConfigFactory.parseResources(Parameters.class, "parameters.conf").root().values()) {
      ((ConfigObject) section)
          .forEach(
              (name, value) ->
                  ALL.put(name, new Declared(name, false, true, comment(value), value)));
    }
  }

  /**
   * A parameter.
   *
   * @param key of its {@link Range}, which is that of the setting if it is one
   * @param isText whether it takes words, such as {@code auto}
   */
  private record Declared(
      String key, boolean isSetting, boolean isText, String comment, ConfigValue standard) {

    /** Whether it has no default, since what is not set follows from the table. */
    boolean hasNone() {
      return standard.valueType() == ConfigValueType.NULL
          || !isText && standard.unwrapped().equals("auto");
    }

    String doc() {
      String doc =
          Range.of(key)
              .map(range -> "%s Values: %s.".formatted(comment, range.expected()))
              .orElse(comment);
      return hasNone()
          ? doc.replaceFirst("Values: auto,( or)? (.*)\\.", "Values: $2; auto if it is not set.")
          : doc;
    }
  }

  private Parameters() {}

  private static String comment(ConfigValue value) {
    return value.origin().comments().stream()
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replaceAll(" Also `[^`]+`\\.", "");
  }

  static String doc(String name) {
    return ALL.get(name).doc();
  }

  /** Tells whether a value is in a parameter's range. */
  static <T> Function1<T, Object> valid(String name) {
    return (Function1<T, Object> & Serializable)
        value -> Range.of(ALL.get(name).key).map(r -> r.valid().test(value)).orElse(true);
  }

  @SuppressWarnings("unchecked")
  static void setDefaults(FluentParams<?> stage) {
    for (Param<?> param : stage.params()) {
      Declared declared = ALL.get(param.name());
      if (!declared.hasNone()) {
        stage.setDefault((Param<Object>) param, standard(param, declared.standard.unwrapped()));
      }
    }
  }

  private static Object standard(Param<?> param, Object value) {
    if (param instanceof LongParam) {
      return ((Number) value).longValue();
    } else if (param instanceof DoubleParam) {
      return ((Number) value).doubleValue();
    } else if (param instanceof IntArrayParam) {
      return ((List<?>) value).stream().mapToInt(size -> (Integer) size).toArray();
    }
    return value;
  }

  /** The jobs' settings, by the values of a stage's parameters. */
  static Config settings(FluentParams<?> stage) {
    Config settings = Defaults.resolved();
    for (Param<?> param : stage.params()) {
      Declared declared = ALL.get(param.name());
      if (declared.isSetting && stage.isDefined(param)) {
        Object value = plain(stage.getOrDefault(param));
        settings = settings.withValue(declared.key, ConfigValueFactory.fromAnyRef(value));
      }
    }
    return settings;
  }

  /** A value as JSON and HOCON know it. */
  static Object plain(Object value) {
    return value instanceof int[] sizes ? Arrays.stream(sizes).boxed().toList() : value;
  }
}
