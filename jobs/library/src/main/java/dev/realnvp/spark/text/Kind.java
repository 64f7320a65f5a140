package dev.realnvp.spark.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What a value is. */
enum Kind {
  WHOLE,
  NUMBER,
  TRUTH,
  DATE,
  /** A date and a time of day, of no time zone. */
  LOCAL_TIME,
  /** The same with its time zone. */
  INSTANT,
  NUMBERS,
  TEXT;

  /** The types of columns, the narrowest first, by the kinds that they hold; strings hold all. */
  private static final Map<DataType, Set<Kind>> HOLDS = new LinkedHashMap<>();

  static {
    HOLDS.put(DataTypes.LongType, EnumSet.of(WHOLE));
    HOLDS.put(DataTypes.DoubleType, EnumSet.of(WHOLE, NUMBER));
    HOLDS.put(DataTypes.BooleanType, EnumSet.of(TRUTH));
    HOLDS.put(DataTypes.DateType, EnumSet.of(DATE));
    HOLDS.put(DataTypes.TimestampNTZType, EnumSet.of(DATE, LOCAL_TIME));
    HOLDS.put(DataTypes.TimestampType, EnumSet.of(DATE, LOCAL_TIME, INSTANT));
    HOLDS.put(DataTypes.createArrayType(DataTypes.DoubleType), EnumSet.of(NUMBERS));
    HOLDS.put(DataTypes.StringType, EnumSet.allOf(Kind.class));
  }

  /** Without zeros in front, which a number would lose: 01234 is a code. */
  private static final Pattern DIGITS = Pattern.compile("[-+]?(0|[1-9]\\d{0,18})");

  private static final Pattern DECIMAL =
      Pattern.compile(
          "[-+]?(\\d+\\.\\d*|\\.\\d+)([eE][-+]?\\d+)?|[-+]?\\d+[eE][-+]?\\d+|NaN|-?Inf(inity)?");

  private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?)(Z|[-+]\\d\\d:\\d\\d)?");

  /** The narrowest type of a column with these kinds of values; strings for none. */
  static DataType narrowest(Set<Kind> kinds) {
    return kinds.isEmpty()
        ? DataTypes.StringType
        : HOLDS.keySet().stream().filter(type -> fits(kinds, type)).findFirst().orElseThrow();
  }

  /** Whether columns can be of this type. */
  static boolean isType(DataType type) {
    return HOLDS.containsKey(type);
  }

  /** Whether a column of this type holds them all. */
  static boolean fits(Set<Kind> kinds, DataType type) {
    return HOLDS.get(type).containsAll(kinds);
  }

  /** That of a text that is not empty. */
  static Kind of(String text) {
    char first = text.charAt(0);
    if (first > '9' && first != 'N' && first != 'I') {
      return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false") ? TRUTH : TEXT;
    }
    if (DIGITS.matcher(text).matches()) {
      return isLong(text) ? WHOLE : TEXT;
    }
    return DECIMAL.matcher(text).matches() ? NUMBER : ofTime(text);
  }

  private static boolean isLong(String digits) {
    try {
      return Long.toString(Long.parseLong(digits)) != null;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static Kind ofTime(String text) {
    var time = TIME.matcher(text);
    try {
      if (DAY.matcher(text).matches()) {
        return LocalDate.parse(text) == null ? TEXT : DATE;
      }
      if (time.matches()) {
        LocalDate.parse(time.group(1)).atTime(LocalTime.parse(time.group(2)));
        return time.group(5) == null ? LOCAL_TIME : INSTANT;
      }
    } catch (DateTimeException e) {
      // There is no such day.
    }
    return TEXT;
  }

  /** That of a value in JSON that is not null; other structures than arrays of numbers are text. */
  static Kind of(JsonNode value) {
    if (value.isNumber()) {
      return value.isIntegralNumber() && value.canConvertToLong() ? WHOLE : NUMBER;
    }
    if (value.isBoolean()) {
      return TRUTH;
    }
    if (value.isArray()
        && StreamSupport.stream(value.spliterator(), false)
            .allMatch(item -> item.isNumber() || item.isNull())) {
      return NUMBERS;
    }
    Kind written = value.isTextual() && !value.textValue().isEmpty() ? of(value.textValue()) : TEXT;
    return written.compareTo(DATE) < 0 ? TEXT : written;
  }
}
