package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import dev.realnvp.spark.data.Schemas;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Adds to rows what a model says of their images. */
abstract class ImageRows extends AppendingRows {

  /** Of the pixels and the sizes, on their way; dropped again. */
  private static final String PIXELS = "realnvp_pixels";

  private static final String SIZES = "realnvp_sizes";
  private static final List<String> SIZE_COLUMNS = List.of("height", "width", "channels");
  private static final int TEMPORARY = 2;

  private final PixelLayout layout;
  private final String pixelsCol;

  /**
   * @param image that the model takes
   */
  ImageRows(ImageShape image, ImageColumns<?> stage) {
    super(stage.getInferenceBatch());
    layout = new PixelLayout(image.height(), image.width(), image.channels());
    pixelsCol = stage.getPixelsCol();
  }

  /** Adds the columns to a data set, of this schema then. */
  final Dataset<Row> transform(Dataset<?> data, StructType schema) {
    return appendTo(
        data.select(col("*"), Schemas.column(pixelsCol).as(PIXELS), sizes(data.schema()).as(SIZES)),
        schema);
  }

  /** As a layout names itself; null where the data set has no sizes. */
  private static Column sizes(StructType schema) {
    return SIZE_COLUMNS.stream().noneMatch(size -> Schemas.matching(schema, size).isEmpty())
        ? concat_ws(
            " x ",
            SIZE_COLUMNS.stream()
                .map(size -> col(size).cast(DataTypes.StringType))
                .toArray(Column[]::new))
        : lit(null).cast(DataTypes.StringType);
  }

  @Override
  final Function<List<Row>, List<Row>> mapping() {
    Judge judge = judge();
    return rows -> {
      byte[][] images = rows.stream().map(this::pixels).toArray(byte[][]::new);
      Object[][] values = judge.of(Pixels.toFloats(images, layout), images.length);
      return IntStream.range(0, values.length)
          .mapToObj(i -> append(rows.get(i), rows.get(i).size() - TEMPORARY, values[i]))
          .toList();
    };
  }

  private byte[] pixels(Row row) {
    int at = row.size() - TEMPORARY;
    String sizes = row.getString(at + 1);
    if (sizes != null && !sizes.equals(layout.toString())) {
      throw new InvalidInputException(
          "An image is of %s; the model takes %s".formatted(sizes, layout));
    }
    if (row.isNullAt(at)) {
      throw new InvalidInputException("Column '%s' holds a null".formatted(pixelsCol));
    }
    byte[] pixels = (byte[]) row.get(at);
    if (pixels.length != layout.size()) {
      throw new InvalidInputException(
          "Column '%s' holds an image of %d bytes; the model takes %d, for %s"
              .formatted(pixelsCol, pixels.length, layout.size(), layout));
    }
    return pixels;
  }

  /** Judges a batch of images. */
  @FunctionalInterface
  interface Judge {

    /**
     * The added columns' values of each row.
     *
     * @param images {@code [N, H, W, C]} in 0..1
     * @param rows N
     */
    Object[][] of(float[] images, int rows);
  }

  /** Makes the judge where it is used: it holds a network. */
  abstract Judge judge();
}
