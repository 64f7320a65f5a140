package dev.realnvp.spark.text;

import dev.realnvp.spark.failure.Text;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What is known of text files before they are read.
 *
 * @param types of some columns, by their names in any case
 * @param missing what means a missing value in CSV, besides an empty field
 */
public record TextHints(TreeMap<String, DataType> types, String missing) {

  /** Of a column of numbers, whole or not. */
  public static final DataType NUMBER = DataTypes.createDecimalType();

  /** Nothing. */
  public static final TextHints NONE = of("", "");

  /**
   * Types as Spark SQL declares them: {@code zip string, price double}. All numbers are one type.
   *
   * @throws IllegalArgumentException if it is no such declaration, or names another type
   */
  public static TextHints of(String types, String missing) {
    TextHints hints = new TextHints(new TreeMap<>(String.CASE_INSENSITIVE_ORDER), missing);
    StructType declared;
    try {
      declared = types.isBlank() ? new StructType() : StructType.fromDDL(types);
    } catch (Exception e) {
      // Spark throws its checked ParseException here without declaring it.
      throw new IllegalArgumentException(Text.firstLine(e.getMessage()), e);
    }
    for (StructField field : declared.fields()) {
      DataType type = field.dataType() instanceof NumericType ? NUMBER : field.dataType();
      if (!Kind.fits(Set.of(), type)) {
        throw new IllegalArgumentException("no type " + type.simpleString());
      }
      hints.types.put(field.name(), type);
    }
    return hints;
  }

  /** These, and those types that are not among them. */
  public TextHints or(Map<String, DataType> more) {
    TextHints all = new TextHints(new TreeMap<>(types), missing);
    more.forEach(all.types::putIfAbsent);
    return all;
  }
}
