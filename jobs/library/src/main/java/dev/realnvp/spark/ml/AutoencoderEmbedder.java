package dev.realnvp.spark.ml;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageEmbedder;
import dev.realnvp.spark.images.ImageTransform;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.stored.StoredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
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
public final class AutoencoderEmbedder extends ImageStage<AutoencoderEmbedder>
    implements EmbedderColumns<AutoencoderEmbedder> {

  private final Autoencoder autoencoder;

  AutoencoderEmbedder(String uid, StoredModel stored) {
    super(uid, stored);
    this.autoencoder = Autoencoder.of(stored.network());
  }

  /** The width of the code: how many features an embedding has. */
  public int numFeatures() {
    return autoencoder.code();
  }

  @Override
  ImageShape image() {
    return autoencoder.image();
  }

  @Override
  Function0<ImageTransform.Judge> judge(Broadcast<SharedModel> model) {
    return ImageEmbedder.judge(model, List.copyOf(errors().keySet()), Columns::vector);
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
    return copyValues(new AutoencoderEmbedder(uid(), stored), extra);
  }

  /** Reads an embedder that {@link #write} saved, or the model of {@code train-ae}. */
  public static MLReader<AutoencoderEmbedder> read() {
    return new ModelReader<>(
        AutoencoderEmbedder.class, ModelDirectory.AUTOENCODER, AutoencoderEmbedder::new);
  }

  public static AutoencoderEmbedder load(String path) {
    return read().load(path);
  }
}
