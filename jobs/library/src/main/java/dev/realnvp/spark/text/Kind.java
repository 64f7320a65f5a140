package dev.realnvp.spark.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What a value is. */
enum Kind {
  /** Without zeros in front, which a number would lose: 01234 is a code. */
  WHOLE("[-+]?(0|[1-9]\\d{0,17})"),
  NUMBER("[-+]?(\\d+\\.\\d*|\\.\\d+|\\d+(?=[eE]))([eE][-+]?\\d+)?|NaN|-?Inf(inity)?"),
  TRUTH("(?i)true|false"),
  DATE(Kind.DAY),
  /** In no time zone. */
  TIME(Kind.DAY + Kind.CLOCK),
  INSTANT(Kind.DAY + Kind.CLOCK + "(Z|[-+]\\d\\d:\\d\\d)"),
  NUMBERS("(?!)"),
  TEXT("(?s).*");

  private static final String DAY =
      "\\d{4}-(02-[012]\\d|(0[469]|11)-([012]\\d|30)|(0[13578]|1[02])-([012]\\d|3[01]))(?<!00)";

  private static final String CLOCK = "[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?";

  /** The types of columns, the narrowest first, by the kinds that they hold. */
  private static final Map<DataType, Set<Kind>> HOLDS = new LinkedHashMap<>();

  static {
    HOLDS.put(DataTypes.LongType, Set.of(WHOLE));
    HOLDS.put(DataTypes.DoubleType, Set.of(WHOLE, NUMBER));
    HOLDS.put(TextHints.NUMBER, Set.of(WHOLE, NUMBER));
    HOLDS.put(DataTypes.BooleanType, Set.of(TRUTH));
    HOLDS.put(DataTypes.DateType, Set.of(DATE));
    HOLDS.put(DataTypes.TimestampNTZType, Set.of(DATE, TIME));
    HOLDS.put(DataTypes.TimestampType, Set.of(DATE, TIME, INSTANT));
    HOLDS.put(DataTypes.createArrayType(DataTypes.DoubleType), Set.of(NUMBERS));
    HOLDS.put(DataTypes.StringType, Set.of(values()));
  }

  private final Pattern pattern;

  Kind(String pattern) {
    this.pattern = Pattern.compile(pattern);
  }

  /** The narrowest type of a column with these kinds of values, which may be none. */
  static DataType narrowest(Set<Kind> kinds) {
    return kinds.isEmpty()
        ? DataTypes.StringType
        : HOLDS.keySet().stream().filter(type -> fits(kinds, type)).findFirst().orElseThrow();
  }

  /** Whether a column of this type holds them all. */
  static boolean fits(Set<Kind> kinds, DataType type) {
    return HOLDS.containsKey(type) && HOLDS.get(type).containsAll(kinds);
  }

  /** The kind of a text, fast if it is as guessed: no text but for TEXT is of two kinds. */
  static Kind of(String text, Kind guess) {
    return guess != TEXT && guess.pattern.matcher(text).matches() ? guess : of(text);
  }

  static Kind of(String text) {
    boolean word =
        !text.isEmpty()
            && Character.isLetter(text.charAt(0))
            && "NItTfF".indexOf(text.charAt(0)) < 0;
    return word
        ? TEXT
        : Stream.of(values())
            .filter(kind -> kind.pattern.matcher(text).matches())
            .findFirst()
            .orElseThrow();
  }

  /** That of a value in JSON that is not null; other structures than arrays of numbers are text. */
  static Kind of(JsonNode value) {
    if (value.isNumber()) {
      return value.canConvertToLong() && value.isIntegralNumber() ? WHOLE : NUMBER;
    }
    if (value.isBoolean()) {
      return TRUTH;
    }
    if (value.isArray()) {
      for (JsonNode item : value) {
        if (!item.isNumber() && !item.isNull()) {
          return TEXT;
        }
      }
      return NUMBERS;
    }
    Kind written = value.isTextual() ? of(value.textValue()) : TEXT;
    return written.compareTo(DATE) < 0 ? TEXT : written;
  }
}
