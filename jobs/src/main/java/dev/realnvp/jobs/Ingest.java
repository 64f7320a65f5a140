package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.cli.Version;
import dev.realnvp.spark.data.DataSource;
import dev.realnvp.spark.data.ImageSource;
import dev.realnvp.spark.data.ImageTable;
import dev.realnvp.spark.data.ImagesWriter;
import dev.realnvp.spark.data.SourceFiles;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.model.TableManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads image files into images/. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Reads IDX files, or PNGs by class, into images/.",
    footer = {"", "Example: submit/ingest.sh --data data/mnist --run runs/mine"})
public final class Ingest extends Job<ImageTable> {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "IDX files or PNGs by class (ingest.data); by default found or downloaded.")
  void data(String data) {
    set("ingest.data", data);
  }

  @Option(names = "--output", paramLabel = "DIR", description = "The table (paths.images).")
  void output(String output) {
    set("paths.images", output);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Ingest(), args);
  }

  @Override
  protected List<String> reads() {
    return List.of("ingest.data");
  }

  @Override
  protected List<String> writes() {
    return List.of(RunStage.INGEST.path());
  }

  @Override
  public String next() {
    return "train-ae";
  }

  /** The images that the settings name, or else those that are found or downloaded. */
  static DataSource.Found find(Config config) {
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
  ImageTable run(SparkSession spark, Config config, Supplier<DataSource.Found> source)
      throws IOException {
    double fraction = Checked.fraction(config, "ingest.fraction");
    Outputs output = Outputs.open(spark, config, "paths.images");
    Console.stage("ingest");
    DataSource.Found data = source.get();
    Console.say("%s", data.explanation());
    ImageSource checked = ImagesWriter.open(spark, data.folder()).sampled(fraction);

    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String fingerprint = SourceFiles.fingerprint(hadoop, data.folder());
    ImageTable images =
        ImagesWriter.write(
            spark,
            checked,
            output.target(),
            output.existing(),
            (temporary, written) ->
                TableManifest.write(
                    hadoop,
                    temporary,
                    output.timed(Provenance.images(config, written, fingerprint))));
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
