package dev.realnvp.spark.ml;

import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SaveMode;
import scala.Option;

/**
 * Writes a stage that has a model: the folder of the model as the jobs write it, which they can
 * read, with Spark ML's {@code metadata/} in it. All of it appears, or nothing.
 */
final class ModelWriter extends MLWriter {

  private final Params stage;
  private final StoredModel model;

  ModelWriter(Params stage, StoredModel model) {
    this.stage = stage;
    this.model = model;
  }

  /**
   * As Spark's own, but that an old model stays until the new one is complete, rather than go
   * first.
   */
  @Override
  public void save(String path) throws IOException {
    if (shouldOverwrite()) {
      saveImpl(path);
    } else {
      super.save(path);
    }
  }

  @Override
  @SuppressWarnings("deprecation") // In Spark 4.2, which has another way that 3.5 does not know.
  public void saveImpl(String path) {
    try {
      ModelDirectory.write(
          sc().hadoopConfiguration(),
          path,
          shouldOverwrite() ? SaveMode.Overwrite : SaveMode.ErrorIfExists,
          model,
          temporary ->
              DefaultParamsWriter.saveMetadata(
                  stage, temporary, sc(), Option.empty(), Option.empty()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
