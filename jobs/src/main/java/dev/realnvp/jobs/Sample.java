package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.jobs.run.SampleNeighbours;
import dev.realnvp.jobs.run.TableRows;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowSampler;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.io.function.IOBiConsumer;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** Samples of every class, decoded to images where there is an autoencoder. */
@Command(
    name = "sample",
    description = "Draws samples of every class from the flow, and pictures of them.",
    footer = {
      "",
      "Examples: submit/sample.sh --run runs/mine --per-class 100 --overwrite",
      "          submit/sample.sh --run runs/mine --counts 3=5000 --temperature 0.8"
          + " --output threes",
      "          submit/sample.sh --run runs/mine --neighbours 1000 --overwrite"
    })
public final class Sample extends Job<Long> {

  public Sample() {
    super(RunStage.SAMPLE.reads(), RunStage.SAMPLE.writes(), "evaluate");
    embeddingsOptions();
    option("--output=TABLE", "paths.samples", OUTPUT);
    option("--per-class=N", "sample.per-class");
    option("--counts=CLASS=N,...", "sample.counts");
    option("--temperature=T", "sample.temperature");
    option("--neighbours=N", "sample.neighbours");
  }

  @Override
  protected Long work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config).orAsTrained();
    double temperature = config.getDouble("sample.temperature");
    int batch = config.getInt("inference.batch");
    Outputs output = Outputs.open(run, "paths.samples");
    StoredModel model = run.model(RunStage.TRAIN_FLOW);
    FlowModel.requireClassesOrNone(model);
    RealNVP flow = RealNVP.of(model.network());
    LabelNames names = FlowModel.names(model);
    SampleCounts counts = SampleSize.of(config, flow.context(), names);
    long rows = counts.total();
    Console.stage("sample: %,d rows%s", rows, flow.context() == 0 ? "" : ", " + shown(counts));
    Optional<StoredModel> decoder = decoder(run, model, flow);
    requirePlace(config, output, decoder.isPresent());
    IOBiConsumer<String, SampleCounts> extras =
        extras(run, model, flow, decoder.map(some -> Autoencoder.of(some.network())));

    FlowSampler sampler =
        new FlowSampler(
            SharedModel.broadcast(spark, model.network()),
            decoder.map(d -> SharedModel.broadcast(spark, d.network())).orElse(null),
            flow.context(),
            config.getLong("seed"),
            temperature,
            batch);
    int partitions = spark.sparkContext().defaultParallelism();
    output.table(
        FlowSampler.named(
            sampler.sample(spark, counts, partitions),
            names,
            FlowModel.features(model, ""),
            name ->
                Console.say(
                    "feature '%s' is in the column embedding alone: samples have another column of that name",
                    name)),
        Provenance.of(run, RunStage.SAMPLE)
            .table(Map.of(Provenance.ROWS, rows), model.manifest().data()),
        rows,
        temporary -> extras.accept(temporary, counts));
    return rows;
  }

  private static String shown(SampleCounts counts) {
    int sampled =
        (int) IntStream.range(0, counts.classes()).filter(k -> counts.count(k) > 0).count();
    boolean same =
        IntStream.range(0, counts.classes()).mapToLong(counts::count).distinct().count() == 1;
    return same
        ? "%,d of each of %,d classes".formatted(counts.count(0), counts.classes())
        : "of %,d of %,d classes".formatted(sampled, counts.classes());
  }

  /** Pictures and the like lie beside the files of samples; a catalog's table has no such place. */
  private static void requirePlace(Config config, Outputs output, boolean pictures) {
    if (!output.isNamed()) {
      return;
    }
    if (config.getInt("sample.neighbours") > 0) {
      throw new ConfigurationException(
          "setting sample.neighbours: got %s for samples in %s of Spark's catalog, expected a path as output"
              .formatted(config.getInt("sample.neighbours"), output.target()));
    }
    if (pictures) {
      Console.say("no pictures: %s is a table of Spark's catalog", output.target());
    }
  }

  /** The autoencoder that the flow's embeddings came from, if it is in its place. */
  private static Optional<StoredModel> decoder(Run run, StoredModel model, RealNVP flow)
      throws IOException {
    String place = run.place("paths.autoencoder");
    if (!run.isThere("paths.autoencoder")) {
      Console.say("no autoencoder in %s: no pixels", place);
      return Optional.empty();
    }
    StoredModel decoder = run.model(RunStage.TRAIN_AUTOENCODER);
    Run.requireSame(
        "features",
        flow.features(),
        run.place("paths.flow"),
        Autoencoder.of(decoder.network()).code(),
        place);
    String trainedOn = model.manifest().parents().get(ModelDirectory.AUTOENCODER);
    String found = decoder.manifest().id();
    if (trainedOn != null && !trainedOn.equals(found)) {
      throw new InvalidInputException(
          "%s: got autoencoder %s, expected %s, on whose embeddings the flow %s was trained: train the flow again, or name the other one by --set paths.autoencoder"
              .formatted(place, found, trainedOn, run.place("paths.flow")));
    }
    return Optional.of(decoder);
  }

  /**
   * Pictures if there is an autoencoder, and what the settings ask for besides, for which the
   * embeddings are read here.
   *
   * @throws dev.realnvp.spark.failure.ConfigurationException if a setting is out of range
   * @throws InvalidInputException if the embeddings are not what they should be
   */
  private static IOBiConsumer<String, SampleCounts> extras(
      Run run, StoredModel model, RealNVP flow, Optional<Autoencoder> autoencoder)
      throws IOException {
    int most = run.config().getInt("sample.neighbours");
    Optional<SampleNeighbours> neighbours = Optional.empty();
    if (most > 0) {
      List<String> ids = TableRows.ids(run);
      EmbeddingTable table =
          TableRows.shownTo(run, model, Optional.of(new EmbeddingQuery.Passed(ids, ids.isEmpty())));
      neighbours = Optional.of(SampleNeighbours.of(table, ids, flow, most));
    }
    Optional<SampleNeighbours> wanted = neighbours;
    Optional<Pictures> pictures =
        autoencoder.map(of -> new Pictures(run, of)).filter(Pictures::possible);
    return (folder, counts) -> {
      if (pictures.isPresent()) {
        pictures.get().samples(folder, counts);
        pictures.get().reconstructions(folder);
      }
      if (wanted.isPresent()) {
        List<SampleNeighbours.Pair> pairs = wanted.get().write(run.spark(), folder, counts);
        if (pictures.isPresent() && wanted.get().table().identified()) {
          pictures.get().neighbours(folder, pairs);
        }
      }
    };
  }
}
