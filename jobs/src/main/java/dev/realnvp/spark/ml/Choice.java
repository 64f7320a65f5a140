package dev.realnvp.spark.ml;

import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.ml.param.ParamValidators;
import scala.Function1;

/** Parameters whose values are an enum's names in lower case, as in the settings. */
final class Choice {

  private Choice() {}

  /** Takes one of the names. */
  static <E extends Enum<E>> Function1<String, Object> of(Class<E> type) {
    return ParamValidators.inArray(
        Arrays.stream(type.getEnumConstants()).map(Choice::name).toArray(String[]::new));
  }

  /** The value of a name that was taken. */
  static <E extends Enum<E>> E value(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
