package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.RealNVPFlow;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.jobs.Sample;
import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.bench.Measure.Goal;
import dev.realnvp.jobs.bench.Workbench.Model;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.io.function.IOFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;

/** The lines of the table but those of {@link DetectionQuality}. */
final class Measures {

  /** The peer's training at its best batch, and the loss that it comes to. */
  static final String TO_LOSS = "flow_to_loss_s";

  private static final String LOSS = "flow_to_loss_nats";

  /** The master of the measures with two executor processes of a core each. */
  private static final String CLUSTER = "local-cluster[2,1,2048]";

  /** The workers of such a cluster, and of those that are compared with one. */
  private static final int TWO = 2;

  /** Minibatches per round, where rounds are measured. */
  private static final int INTERVAL = 5;

  private static final String INTERVALS = "flow.averaging-interval=" + INTERVAL;

  private static final int EXTRACTED = 70_000;
  private static final int SCORED = 100_000;
  private static final int SAMPLED_PER_CLASS = 50_000;

  static final List<Measure> STANDARD =
      List.of(
          epoch(Model.FLOW, "flow_epoch_s", 0.5),
          epoch(Model.SPLINE, "spline_epoch_s", 0.5),
          epoch(Model.AUTOENCODER, "ae_epoch_s", 1.1),
          new Measure("autoencoder-late", "s", Goal.ratioAtMost(1.1), Measures::lateEpochs),
          job("extract", 4, "extract_70k_s", Measures::extract),
          job("score", 0.8, "score_100k_s", bench -> score(bench, Model.FLOW)),
          job("spline-score", 0.8, "spline_score_100k_s", bench -> score(bench, Model.SPLINE)),
          new Measure("score-java", "us per row", Goal.valueAtMost(20), Measures::scoreInJava),
          job("sample", 0.9, "sample_500k_s", Measures::sample),
          job("time-to-loss", 0.45, TO_LOSS, Measures::timeToLoss),
          new Measure(
              "pipeline",
              "s",
              Goal.ratioAtMost(1),
              Measures::pipelineOfThePeer,
              Measures::pipeline),
          workers(Model.FLOW),
          workers(Model.AUTOENCODER),
          new Measure("flow-round", "ms", Goal.valueAtMost(60), Measures::round),
          new Measure("flow-round-cluster", "ms", Goal.valueAtMost(150), Measures::clusterRound),
          new Measure(
              "stock-master",
              "s",
              Goal.gainAtLeast(3),
              bench ->
                  Reading.best(averaged(bench, "averaging")).against(averaged(bench, "stock"))));

  private Measures() {}

  /** Seconds, at most so many times those of the peer's work. */
  private static Measure job(
      String name, double bound, String peerWork, IOFunction<Workbench, Reading> work) {
    return new Measure(name, "s", Goal.ratioAtMost(bound), settings -> Map.of(peerWork, 1), work);
  }

  /** Seconds of an epoch of 60,000, the best of the warmed ones; the peer: the best of its own. */
  private static Measure epoch(Model model, String peerWork, double bound) {
    return job(
        model.title + "-epoch", bound, peerWork, bench -> Reading.best(epochs(bench, model)));
  }

  /**
   * Seconds of the autoencoder's last epoch, of ten, over those of the second: weights that shrink
   * until they are subnormal make some processors slow.
   */
  private static Reading lateEpochs(Workbench bench) throws IOException {
    int epochs = bench.workload().epochs() > 1 ? 10 : 3;
    List<Double> seconds = History.after(1, bench.train("autoencoder", "late", epochs)).seconds();
    double last = seconds.get(seconds.size() - 1);
    return Reading.of(seconds, last).against(seconds.subList(0, 1));
  }

  private static List<Double> epochs(Workbench bench, Model model) throws IOException {
    return bench.training(model, bench.workers()).seconds();
  }

  /**
   * Seconds of an epoch with two workers, against one worker on the same rows. The one worker has a
   * core, and what the driver, the garbage collector and the compilers do may use the other.
   */
  private static Measure workers(Model model) {
    return new Measure(
        model.title + "-workers",
        "s",
        Goal.gainAtLeast(1.7),
        bench ->
            Reading.best(bench.training(model, TWO).seconds())
                .against(bench.training(model, 1).seconds()));
  }

  /**
   * Seconds from 70,000 images in Parquet to their embeddings; the peer: the encoder's pass alone.
   */
  private static Reading extract(Workbench bench) throws IOException {
    Config settings =
        Workbench.with(extraction(bench, bench.images()), "extract.reconstruction-error=false");
    double rows = bench.spark().read().parquet(bench.images()).count();
    return bench.best(EXTRACTED / rows, () -> new ExtractEmbeddings().run(bench.spark(), settings));
  }

  /**
   * Seconds of the epochs of the shortest training of the flow, but for its epochs at the defaults,
   * whose validation loss is no worse than what PyTorch comes to with the minibatches that serve it
   * best. Without a peer, the longest training.
   */
  private static Reading timeToLoss(Workbench bench) throws IOException {
    int longest = bench.epochs();
    double level = bench.other().map(peer -> peer.best(LOSS)).orElse(Double.NaN);
    int epochs = Double.isNaN(level) ? longest : longest / 2;
    Manifest manifest = bench.realFlow(bench.workers(), epochs);
    while (epochs < longest && lastLoss(manifest) > level) {
      manifest = bench.realFlow(bench.workers(), ++epochs);
    }
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("epochs", (double) epochs);
    parts.put("validation_nats", lastLoss(manifest));
    bench.other().ifPresent(peer -> parts.put("peer_nats", level));
    return Reading.of(manifest.history().stream().mapToDouble(EpochStats::seconds).sum())
        .with(parts);
  }

  /** A training's validation loss after its last epoch. */
  private static double lastLoss(Manifest manifest) {
    List<EpochStats> history = manifest.history();
    return history.get(history.size() - 1).validationLoss();
  }

  /** Seconds from 100,000 embeddings in Parquet to their densities under each of ten classes. */
  private static Reading score(Workbench bench, Model flow) throws IOException {
    int rows = bench.workload().rows(SCORED);
    Config settings = scoring(bench, flow, rows);
    return bench.best((double) SCORED / rows, () -> new Score().run(bench.spark(), settings));
  }

  /**
   * Microseconds of a row in {@link RealNVPFlow#logProb}, one thread, under a flow of 64 features
   * without classes, which need not be trained.
   */
  private static Reading scoreInJava(Workbench bench) throws IOException {
    RealNVPConfig structure =
        RealNVPConfig.builder(
                64, 0, bench.setting("flow.couplings"), bench.settings().getIntList("flow.hidden"))
            .build();
    RealNVP made = RealNVP.create(structure, new Optimizer(1, Schedule.CONSTANT, 1, 0));
    Manifest manifest =
        Manifest.builder(FlowModel.KIND).network(made.network()).from("none", Map.of()).build();
    String folder = bench.place("flow-of-64");
    ModelDirectory.write(
        new Configuration(),
        folder,
        SaveMode.Overwrite,
        new StoredModel(made.network(), manifest, Optional.empty()));
    RealNVPFlow flow = RealNVPFlow.load(Path.of(folder));
    Random random = new Random(1);
    float[][] rows = new float[bench.workload().rows(SCORED)][structure.features()];
    for (float[] row : rows) {
      IntStream.range(0, row.length).forEach(j -> row[j] = (float) random.nextGaussian());
    }
    return bench.best(1e6 / rows.length, () -> flow.logProb(rows));
  }

  /** Seconds of 500,000 samples, embeddings without pictures, into Parquet. */
  private static Reading sample(Workbench bench) throws IOException {
    int perClass = bench.workload().rows(SAMPLED_PER_CLASS);
    Config settings = sampling(bench, perClass);
    return bench.best(
        (double) SAMPLED_PER_CLASS / perClass, () -> new Sample().run(bench.spark(), settings));
  }

  private static Config extraction(Workbench bench, String images) throws IOException {
    return bench.settings(
        "paths.images=" + images,
        "paths.autoencoder=" + bench.model(Model.AUTOENCODER),
        "paths.embeddings=" + bench.place("extracted"));
  }

  private static Config scoring(Workbench bench, Model flow, int rows) throws IOException {
    return bench.settings(
        "paths.embeddings=" + bench.embeddings(rows),
        "paths.flow=" + bench.model(flow),
        "paths.scores=" + bench.place("scores"));
  }

  private static Config sampling(Workbench bench, int perClass) throws IOException {
    return bench.settings(
        "paths.flow=" + bench.model(Model.FLOW),
        "paths.autoencoder=" + bench.place("no-autoencoder"),
        "paths.samples=" + bench.place("samples"),
        "sample.per-class=" + perClass);
  }

  /** As many epochs of both models as the pipeline has, and one extraction. */
  private static Map<String, Integer> pipelineOfThePeer(Config settings) {
    return Map.of(
        "ae_epoch_s",
        TrainingPlan.tableEpochs(settings.getConfig("autoencoder"), "autoencoder"),
        "flow_epoch_s",
        TrainingPlan.tableEpochs(settings.getConfig("flow"), "flow"),
        "extract_70k_s",
        1);
  }

  /**
   * Seconds of {@code submit/pipeline.sh} with the data on the disk and the project built, the
   * classifier's training taken off.
   */
  private static Reading pipeline(Workbench bench) throws IOException {
    Map<String, Double> seconds = bench.pipeline();
    return Reading.of(seconds.get("pipeline") - seconds.get("train-classifier")).with(seconds);
  }

  /**
   * Milliseconds of a round of the flow's training beyond its work, in this session, with a round
   * every few minibatches: after hundreds of them the JVM is warm.
   */
  private static Reading round(Workbench bench) throws IOException {
    return rounds(
        bench,
        bench.train("flow", "flow-rounds", bench.workload().allEpochs(), INTERVALS),
        bench.workers());
  }

  /** The same in two executor processes. */
  private static Reading clusterRound(Workbench bench) throws IOException {
    bench.script(
        "train-flow.sh",
        CLUSTER,
        bench.trainingSettings(
            "flow", bench.embeddings(), "flow-cluster", bench.workload().allEpochs(), INTERVALS));
    return rounds(bench, Workbench.manifest(bench.place("model-flow-cluster")), TWO);
  }

  private static Reading rounds(Workbench bench, Manifest manifest, int workers) {
    return Reading.middle(
        History.after(bench.workload().warmEpochs(), manifest)
            .millisecondsARound(workers, bench.setting("flow.batch"), INTERVAL));
  }

  /**
   * Seconds of epochs of the flow, averaged every few minibatches, by this project's master ({@code
   * averaging}) or DL4J's {@code ParameterAveragingTrainingMaster} ({@code stock}) with the same
   * settings. One epoch warms up, two count.
   */
  private static List<Double> averaged(Workbench bench, String master) throws IOException {
    String[] settings = {"train.training-master=" + master, INTERVALS};
    return History.after(1, bench.train("flow", "flow-" + master, 3, settings)).seconds();
  }
}
