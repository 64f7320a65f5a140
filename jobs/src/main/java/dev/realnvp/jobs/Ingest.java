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
import dev.realnvp.spark.data.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
      description = "IDX files or PNGs by class (ingest.data); found or downloaded without it.")
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
    return List.of("paths.images");
  }

  @Override
  public String next() {
    return "train-ae";
  }

  @Override
  public ImageTable run(SparkSession spark, Config config) throws IOException {
    double fraction = Checked.fraction(config, "ingest.fraction");
    Outputs output = Outputs.open(spark, config, "paths.images");
    Console.stage("ingest");
    String given = config.getString("ingest.data");
    DataSource.Found data =
        given.isEmpty()
            ? new DataSource(Path.of("data"), sentence -> Console.say("%s", sentence)).find()
            : DataSource.given(given);
    Console.say("%s", data.explanation());
    ImageSource source = ImagesWriter.open(spark, data.folder()).sampled(fraction);

    ImageTable images = ImagesWriter.write(spark, source, output.target(), output.existing());
    Console.say(
        "%,d images of %s in %d classes: %,d train, %,d test",
        images.count(),
        images.layout(),
        images.classes(),
        images.splits().get(Split.TRAIN),
        images.splits().get(Split.TEST));
    Console.wrote(images.name());
    return images;
  }
}
