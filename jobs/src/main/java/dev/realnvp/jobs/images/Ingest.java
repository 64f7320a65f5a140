package dev.realnvp.jobs.images;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.images.ImageSource;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.ImagesWriter;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Reads image files into images/. */
@Command(
    name = "ingest",
    description = "Reads IDX files, or PNGs by class, into images/.",
    footer = {"", "Example: submit/ingest.sh --data data/mnist --run runs/mine"})
public final class Ingest extends Job<ImageTable> {

  public Ingest() {
    super(List.of("ingest.data"), RunStage.INGEST.writes(), "train-ae");
    option("--data=DIR", "ingest.data");
    option("--output=DIR", "paths.images", "The table");
  }

  /** The images that the settings name, or else those that are found or downloaded. */
  public static DataSource.Found find(Config config) {
    String given = config.getString("ingest.data");
    return given.isEmpty()
        ? new DataSource(Path.of("data"), sentence -> Console.say("%s", sentence)).find()
        : DataSource.given(given);
  }

  @Override
  protected ImageTable work(SparkSession spark, Config config) throws IOException {
    return run(spark, config, () -> find(config));
  }

  /**
   * Does the work on images of the caller's.
   *
   * @param source asked once the output may be written
   */
  public ImageTable run(SparkSession spark, Config config, Supplier<DataSource.Found> source)
      throws IOException {
    Run run = Run.of(spark, config);
    double fraction = config.getDouble("ingest.fraction");
    Outputs output = Outputs.open(run, "paths.images");
    Console.stage("ingest");
    DataSource.Found data = source.get();
    Console.say("%s", data.explanation());
    ImageSource checked = ImagesWriter.open(spark, data.folder()).sampled(fraction);

    Provenance provenance = Provenance.of(run, RunStage.INGEST);
    String fingerprint = ImagesWriter.fingerprint(run.hadoop(), data.folder());
    ImageTable images =
        ImagesWriter.write(
            spark,
            checked,
            output.target(),
            output.existing(),
            (temporary, written) ->
                Manifests.writeTable(
                    run.hadoop(),
                    temporary,
                    output.timed(provenance.images(written, fingerprint))));
    Console.say(
        "%,d images of %s in %d classes: %,d train, %,d test",
        images.count(),
        images.layout(),
        images.classes(),
        images.splits().get(Split.TRAIN),
        images.splits().get(Split.TEST));
    Console.wrote(output.target());
    return images;
  }
}
