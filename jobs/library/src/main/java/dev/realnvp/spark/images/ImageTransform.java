package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.table.BatchTransform;
import java.util.List;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Appends to rows what a model says of their images. */
public final class ImageTransform {

  /** The sizes of images that are known to be the model's. */
  public static final Column NO_SIZES = functions.lit(null).cast(DataTypes.StringType);

  private static final int INPUTS = 2;

  @FunctionalInterface
  public interface Judge {

    /**
     * The appended columns' values of each row.
     *
     * @param images {@code [N, H, W, C]} in 0..1
     * @param rows N of them, with the columns that stay
     */
    Object[][] of(float[] images, List<Row> rows);
  }

  private ImageTransform() {}

  /**
   * Appends the columns.
   *
   * @param rows with the columns that stay, then the pixels, and then the sizes, as a {@link
   *     ImageShape} names itself, or null
   * @param layout of the images that the model takes
   * @param pixelsCol how messages call the pixels
   * @param schema of the result
   * @param batch rows of a batch, at least 1
   * @param factory makes the judge where it is used: it holds a network
   */
  public static Dataset<Row> append(
      Dataset<Row> rows,
      ImageShape layout,
      String pixelsCol,
      StructType schema,
      int batch,
      Function0<Judge> factory) {
    return BatchTransform.append(
        rows,
        rows.columns().length - INPUTS,
        schema,
        batch,
        () -> {
          Judge judge = factory.call();
          return some ->
              judge.of(
                  Pixels.toFloats(
                      some.stream()
                          .map(row -> pixels(row, layout, pixelsCol))
                          .toArray(byte[][]::new),
                      layout),
                  some);
        });
  }

  private static byte[] pixels(Row row, ImageShape layout, String pixelsCol) {
    int at = row.size() - INPUTS;
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
}
