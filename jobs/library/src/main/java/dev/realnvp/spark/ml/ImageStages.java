package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageTransform;
import dev.realnvp.spark.table.Schemas;
import java.util.List;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What stages that work on images share. */
final class ImageStages {

  private static final List<String> SIZES = List.of("height", "width", "channels");

  private ImageStages() {}

  /**
   * Adds columns to a data set.
   *
   * @param image that the model takes
   * @param schema of the result
   * @param factory makes what judges images
   */
  static Dataset<Row> transform(
      ImageColumns<?> stage,
      Dataset<?> data,
      ImageShape image,
      StructType schema,
      Function0<ImageTransform.Judge> factory) {
    String pixelsCol = stage.getPixelsCol();
    return ImageTransform.append(
        data.select(
            col("*"),
            Schemas.column(pixelsCol).as("realnvp_pixels"),
            sizes(data.schema()).as("realnvp_sizes")),
        image,
        pixelsCol,
        schema,
        stage.getInferenceBatch(),
        factory);
  }

  /** As a shape names itself; null if the data set has no sizes. */
  private static Column sizes(StructType schema) {
    return SIZES.stream().noneMatch(size -> Schemas.matching(schema, size).isEmpty())
        ? concat_ws(
            " x ",
            SIZES.stream().map(size -> col(size).cast(DataTypes.StringType)).toArray(Column[]::new))
        : ImageTransform.NO_SIZES;
  }
}
