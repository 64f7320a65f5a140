package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageTransform;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.stored.StoredModel;
import java.util.List;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What stages that judge images by a stored model share. */
abstract class ImageStage<S extends ImageStage<S>> extends Transformer
    implements ImageColumns<S>, MLWritable {

  private static final List<String> SIZES = List.of("height", "width", "channels");

  private final String uid;
  final StoredModel stored;

  ImageStage(String uid, StoredModel stored) {
    this.uid = uid;
    this.stored = stored;
    Parameters.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The images that the model takes. */
  abstract ImageShape image();

  /** Makes what judges images. */
  abstract Function0<ImageTransform.Judge> judge(Broadcast<SharedModel> model);

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    StructType schema = transformSchema(data.schema());
    return ImageTransform.append(
        data.select(
            col("*"),
            Schemas.column(getPixelsCol()).as("realnvp_pixels"),
            sizes(data.schema()).as("realnvp_sizes")),
        image(),
        getPixelsCol(),
        schema,
        getInferenceBatch(),
        judge(SharedModel.broadcast(data.sparkSession(), stored.network())));
  }

  /** As a shape names itself; null if the data set has no sizes. */
  private static Column sizes(StructType schema) {
    return SIZES.stream().noneMatch(size -> Schemas.matching(schema, size).isEmpty())
        ? concat_ws(
            " x ",
            SIZES.stream().map(size -> col(size).cast(DataTypes.StringType)).toArray(Column[]::new))
        : ImageTransform.NO_SIZES;
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this, stored);
  }
}
