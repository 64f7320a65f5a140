package dev.realnvp.spark.ml;

import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader.Metadata;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import scala.Option;

/**
 * Reads what {@link ModelWriter} wrote; and a model that a job wrote, which has no {@code
 * metadata/}, as a stage whose parameters have their defaults.
 *
 * @param <T> the stage
 */
final class ModelReader<T extends Params> extends MLReader<T> {

  private static final String METADATA = "metadata";

  private final Class<T> type;
  private final String kind;
  private final BiFunction<String, StoredModel, T> stage;

  /**
   * @param kind of the model, as its manifest calls it
   * @param stage makes the stage, of its uid and its model
   */
  ModelReader(Class<T> type, String kind, BiFunction<String, StoredModel, T> stage) {
    this.type = type;
    this.kind = kind;
    this.stage = stage;
  }

  @Override
  @SuppressWarnings("deprecation") // In Spark 4.2, which has another way that 3.5 does not know.
  public T load(String path) {
    Configuration hadoop = sc().hadoopConfiguration();
    StoredModel model = ModelDirectory.read(hadoop, path, kind);
    Location folder = Location.of(hadoop, path);
    try {
      if (!folder.child(METADATA).exists()) {
        return stage.apply(Identifiable.randomUID(kind), model);
      }
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
    Metadata metadata = DefaultParamsReader.loadMetadata(path, sc(), type.getName());
    T read = stage.apply(metadata.uid(), model);
    metadata.getAndSetParams(read, Option.empty());
    return read;
  }
}
