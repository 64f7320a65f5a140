package dev.realnvp.spark.ml;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.spark.images.ImageEmbedder;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.stored.StoredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Embeds images by an autoencoder that the job {@code train-ae} has trained: what {@code
 * extract-embeddings} does to a table.
 *
 * <pre>{@code
 * AutoencoderEmbedder embedder = AutoencoderEmbedder.load("runs/a/autoencoder");
 * Dataset<Row> embedded = embedder.transform(images);
 * }</pre>
 */
public final class AutoencoderEmbedder extends Transformer
    implements EmbedderColumns<AutoencoderEmbedder>, MLWritable {

  private final String uid;
  private final StoredModel stored;
  private final Autoencoder autoencoder;

  AutoencoderEmbedder(String uid, StoredModel stored) {
    this.uid = uid;
    this.stored = stored;
    this.autoencoder = Autoencoder.of(stored.network());
    Parameters.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The width of the code: how many features an embedding has. */
  public int numFeatures() {
    return autoencoder.code();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    StructType schema = transformSchema(data.schema());
    return ImageStages.transform(
        this,
        data,
        autoencoder.image(),
        schema,
        ImageEmbedder.judge(
            SharedModel.broadcast(data.sparkSession(), stored.network()),
            List.copyOf(errors().keySet()),
            Columns::vector));
  }

  /** The columns of the errors that are wanted, by the names that the jobs have for them. */
  private Map<String, String> errors() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put(Embeddings.RECONSTRUCTION_ERROR, getReconstructionErrorCol());
    columns.put(Embeddings.RELATIVE_ERROR, getRelativeErrorCol());
    columns.values().removeIf(String::isEmpty);
    return columns;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Columns.require(schema, getPixelsCol(), "pixelsCol", DataTypes.BinaryType);
    StructType embedded =
        Columns.append(
            schema,
            getEmbeddingCol(),
            SQLDataTypes.VectorType(),
            "features of the image",
            "embeddingCol");
    for (Map.Entry<String, String> error : errors().entrySet()) {
      boolean relative = error.getKey().equals(Embeddings.RELATIVE_ERROR);
      embedded =
          Columns.append(
              embedded,
              error.getValue(),
              DataTypes.DoubleType,
              Embeddings.RECONSTRUCTED.apply(error.getKey()).getComment().get(),
              relative ? "relativeErrorCol" : "reconstructionErrorCol");
    }
    return embedded;
  }

  @Override
  public AutoencoderEmbedder copy(ParamMap extra) {
    return copyValues(new AutoencoderEmbedder(uid, stored), extra);
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this, stored);
  }

  /** Reads an embedder that {@link #write} saved, or the model of {@code train-ae}. */
  public static MLReader<AutoencoderEmbedder> read() {
    return new ModelReader<>(
        AutoencoderEmbedder.class, ModelKinds.AUTOENCODER, AutoencoderEmbedder::new);
  }

  public static AutoencoderEmbedder load(String path) {
    return read().load(path);
  }
}
