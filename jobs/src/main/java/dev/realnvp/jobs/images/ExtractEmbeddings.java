package dev.realnvp.jobs.images;

import com.typesafe.config.Config;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.images.ImageEmbedder;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Encodes every image of images/. */
@Command(
    name = "extract-embeddings",
    description = "Encodes images/ with the autoencoder into embeddings/.",
    footer = {"", "Example: submit/extract-embeddings.sh --run runs/mine"})
public final class ExtractEmbeddings extends Job<Long> {

  public ExtractEmbeddings() {
    super(RunStage.EXTRACT_EMBEDDINGS.reads(), RunStage.EXTRACT_EMBEDDINGS.writes(), "train-flow");
    option("--input=TABLE", "paths.images", "The images: " + INPUT);
    option("--output=TABLE", "paths.embeddings", OUTPUT);
  }

  @Override
  protected Long work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    int batch = config.getInt("inference.batch");
    Outputs output = Outputs.open(run, "paths.embeddings");
    StoredModel model = run.model(RunStage.TRAIN_AUTOENCODER);
    ImageTable images = run.images("paths.images");
    Autoencoder autoencoder = Autoencoder.of(model.network());
    ImageTraining.requireSame(images, autoencoder.image(), run.place("paths.autoencoder"));
    Console.stage(
        "extract-embeddings: %,d images to %d features", images.count(), autoencoder.code());

    Broadcast<SharedModel> coder = SharedModel.broadcast(spark, model.network());
    output.table(
        config.getBoolean("extract.reconstruction-error")
            ? ImageEmbedder.embedAndDecode(images.rows(), images.layout(), coder, batch)
            : ImageEmbedder.embed(images.rows(), images.layout(), coder, batch),
        Provenance.of(run, RunStage.EXTRACT_EMBEDDINGS)
            .table(
                Map.of("features", autoencoder.code(), Provenance.ROWS, images.count()),
                images.fingerprint()),
        images.count());
    return images.count();
  }
}
