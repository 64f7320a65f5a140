package dev.realnvp.spark.text;

import dev.realnvp.spark.failure.Text;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What is known of text files before they are read.
 *
 * @param types of some columns, by their names in any case
 * @param missing what means a missing value in CSV, besides an empty field
 */
public record TextHints(SortedMap<String, DataType> types, String missing) {

  /** Of a column of numbers, whole or not. */
  public static final DataType NUMBER = DataTypes.createDecimalType();

  /** Nothing. */
  public static final TextHints NONE = of("", "");

  private static final Map<String, DataType> WIDER =
      Map.of(
          "tinyint", DataTypes.LongType,
          "smallint", DataTypes.LongType,
          "int", DataTypes.LongType,
          "float", DataTypes.DoubleType);

  /**
   * Types as Spark SQL declares them: {@code zip string, price double}. Whole numbers have 64 bits,
   * others are doubles.
   *
   * @throws IllegalArgumentException if it is no such declaration, or names another type
   */
  public static TextHints of(String types, String missing) {
    SortedMap<String, DataType> found = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    StructType declared;
    try {
      declared = types.isBlank() ? new StructType() : StructType.fromDDL(types);
    } catch (Exception e) {
      // Spark throws its checked ParseException here without declaring it.
      throw new IllegalArgumentException(Text.firstLine(e.getMessage()), e);
    }
    for (StructField field : declared.fields()) {
      DataType type = WIDER.getOrDefault(field.dataType().simpleString(), field.dataType());
      if (!Kind.isType(type)) {
        throw new IllegalArgumentException("no type " + type.simpleString());
      }
      found.put(field.name(), type);
    }
    return new TextHints(found, missing);
  }

  /** These, and those types that are not among them. */
  public TextHints or(Map<String, DataType> more) {
    SortedMap<String, DataType> all = new TreeMap<>(types);
    more.forEach(all::putIfAbsent);
    return new TextHints(Collections.unmodifiableSortedMap(all), missing);
  }
}
