package dev.realnvp.spark.images;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.spark.table.TableInput;
import dev.realnvp.spark.table.TableStatistics;
import dev.realnvp.spark.table.Tables;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The table {@code images/}: one labelled image per row, all of the same shape. */
public final class Images {
  /**
   * {@code id, split, label, height, width, channels, pixels}; pixels as {@link ImageShape} says.
   */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", LongType, false, "number of the image, unique")
          .add("split", StringType, false, "train or test")
          .add("label", IntegerType, false, "class, from 0")
          .add("height", IntegerType, false, "in pixels")
          .add("width", IntegerType, false, "in pixels")
          .add("channels", IntegerType, false, "1 is grey, 3 are red, green and blue")
          .add(
              "pixels",
              BinaryType,
              false,
              "bytes, 0 to 255, row by row, the channels of a pixel together");

  private static final String HASH = "hash";

  private Images() {}

  /**
   * Opens a table of images and checks all of it, in one pass over the data.
   *
   * @throws InvalidInputException if it does not exist, cannot be read, lacks one of the columns,
   *     or is empty; if a value is null, images differ in shape, a split is neither train nor test,
   *     or a label is negative
   */
  public static ImageTable read(SparkSession spark, String path) {
    TableInput input = Tables.open(spark, path);
    for (StructField field : SCHEMA.fields()) {
      input.require(field.name(), field.dataType());
    }
    Dataset<Row> rows = input.rows().select(columns());
    TableStatistics figures =
        input.aggregate(rows.withColumn(HASH, TableStatistics.hash(columns())), aggregates());
    String name = input.name();
    long count = figures.count("rows");
    if (count == 0) {
      throw new InvalidInputException(name + " holds no images");
    }
    if (figures.count("nulls") > 0) {
      throw new InvalidInputException(
          "%s has nulls in %s of %d"
              .formatted(name, Text.count(figures.count("nulls"), "row"), count));
    }
    ImageShape layout = layout(name, figures);
    return new ImageTable(
        rows,
        name,
        count,
        layout,
        figures.classes(name, "label", count),
        figures.splits(name, rows),
        figures.fingerprint(count));
  }

  private static Column[] columns() {
    return Arrays.stream(SCHEMA.fieldNames()).map(functions::col).toArray(Column[]::new);
  }

  private static Map<String, Column> aggregates() {
    Column all = lit(true);
    Column anyNull = lit(false);
    for (Column column : columns()) {
      anyNull = anyNull.or(column.isNull());
    }
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("rows", functions.count(all));
    aggregates.put("nulls", TableStatistics.countIf(anyNull));
    for (String size : new String[] {"height", "width", "channels"}) {
      aggregates.put(size, min(col(size)));
      aggregates.put("max " + size, max(col(size)));
    }
    aggregates.put("bytes", min(length(col("pixels"))));
    aggregates.put("max bytes", max(length(col("pixels"))));
    aggregates.putAll(TableStatistics.labelRange(all, col("label").isNotNull(), col("label")));
    aggregates.putAll(TableStatistics.splitCounts(all, col("split")));
    aggregates.putAll(TableStatistics.hashes(all, col(HASH)));
    return aggregates;
  }

  private static ImageShape layout(String name, TableStatistics figures) {
    for (String size : new String[] {"height", "width", "channels"}) {
      long least = figures.count(size);
      long most = figures.count("max " + size);
      if (least != most || least < 1) {
        throw new InvalidInputException(
            "Column '%s' of %s is from %d to %d, expected one positive size for all images"
                .formatted(size, name, least, most));
      }
    }
    ImageShape layout;
    try {
      layout =
          new ImageShape(
              (int) figures.count("height"),
              (int) figures.count("width"),
              (int) figures.count("channels"));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(name + ": " + e.getMessage(), e);
    }
    for (long bytes : new long[] {figures.count("bytes"), figures.count("max bytes")}) {
      if (bytes != layout.size()) {
        throw new InvalidInputException(
            "Column 'pixels' of %s holds an image of %s, expected %d for %s"
                .formatted(name, Text.count(bytes, "byte"), layout.size(), layout));
      }
    }
    return layout;
  }
}
