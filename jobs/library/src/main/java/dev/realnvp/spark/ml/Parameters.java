package dev.realnvp.spark.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Setting;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final Map<String, Parameter> ALL = new HashMap<>();

  static {
    Config defaults = Defaults.resolved();
    Setting.all()
        .forEach(
            (key, setting) ->
                setting
                    .parameter()
                    .map(parameter -> parameter.split(" "))
                    .ifPresent(
                        parameter ->
                            ALL.put(
                                parameter[1],
                                new Parameter(
                                    key,
                                    parameter[0].equals("String"),
                                    setting,
                                    defaults.getValue(key)))));
    for (ConfigValue section :
        ConfigFactory.parseResources(Parameters.class, "parameters.conf").root().values()) {
      ((ConfigObject) section)
          .forEach(
              (name, value) -> {
                Setting declared = Setting.of(Setting.comment(value));
                ALL.put(name, new Parameter(null, true, declared, value));
              });
    }
  }

  /**
   * A parameter.
   *
   * @param key of the setting that it is; null if it is none
   * @param isText whether it takes words, such as {@code auto}
   */
  private record Parameter(String key, boolean isText, Setting declared, ConfigValue standard) {

    /** Whether it has no default, since what is not set follows from the table. */
    boolean hasNone() {
      return standard.valueType() == ConfigValueType.NULL
          || !isText && standard.unwrapped().equals("auto");
    }

    String doc() {
      String meaning = declared.meaning().replaceAll(" Also `[^`]+`\\.", "");
      return declared
          .range()
          .map(range -> range.expected().replaceFirst("^auto,( or)? ", hasNone() ? "" : "$0"))
          .map(values -> values + (hasNone() ? "; auto if it is not set" : ""))
          .map(values -> "%s Values: %s.".formatted(meaning, values))
          .orElse(meaning);
    }
  }

  private Parameters() {}

  static String doc(String name) {
    return ALL.get(name).doc();
  }

  /** Tells whether a value is in a parameter's range. */
  static <T> Function1<T, Object> valid(String name) {
    return (Function1<T, Object> & Serializable)
        value -> ALL.get(name).declared.range().map(r -> r.valid().test(value)).orElse(true);
  }

  @SuppressWarnings("unchecked")
  static void setDefaults(FluentParams<?> stage) {
    for (Param<?> param : stage.params()) {
      Parameter declared = ALL.get(param.name());
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
      Parameter declared = ALL.get(param.name());
      if (declared.key != null && stage.isDefined(param)) {
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
