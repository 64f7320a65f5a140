package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Mebibytes: the greatest resident size of an executor of two, with many rows, against the same
 * with few. Each run has executors of its own.
 *
 * <p>A heap grows as long as it may, however little is alive in it, and a brief run ends before it
 * has. So the jobs that keep no rows get a heap that is resident as a whole from the start, and
 * smaller than an executor's share of the images: rows that were kept would overrun it, or show off
 * the heap. The heap's limit is a setting, as {@code --executor-memory} means nothing to
 * spark-submit under {@code local-cluster}.
 */
final class PeakMemory implements Measure {

  private static final double MEBIBYTE = 1 << 20;
  private static final int FEW = 70_000;
  private static final int MANY_TIMES = 20;
  private static final int TRAINED_TIMES = 4;
  private static final List<String> SMALL_HEAP =
      List.of(
          "--conf",
          "spark.executor.memory=512m",
          "--conf",
          "spark.executor.extraJavaOptions=-Xms512m -XX:+AlwaysPreTouch");

  private final String job;
  private final int times;
  private final double bound;
  private final Settings settings;

  /** A job's settings for images or rows so many times as there are in MNIST. */
  @FunctionalInterface
  interface Settings {
    Config of(Workbench bench, int times) throws IOException;
  }

  private PeakMemory(String job, int times, double bound, Settings settings) {
    this.job = job;
    this.times = times;
    this.bound = bound;
    this.settings = settings;
  }

  /** One a job: 1,400,000 rows against 70,000, and for training, which keeps its rows, 280,000. */
  static List<Measure> all() {
    return List.of(
        new PeakMemory("extract-embeddings", MANY_TIMES, 1.1, PeakMemory::extraction),
        new PeakMemory("score", MANY_TIMES, 1.1, PeakMemory::scoring),
        new PeakMemory("sample", MANY_TIMES, 1.1, PeakMemory::sampling),
        new PeakMemory("train-ae", TRAINED_TIMES, TRAINED_TIMES, PeakMemory::autoencoder),
        new PeakMemory("train-flow", TRAINED_TIMES, TRAINED_TIMES, PeakMemory::flow));
  }

  @Override
  public String name() {
    return "memory-" + job;
  }

  @Override
  public String unit() {
    return "MiB";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(bound);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    List<Double> many = peaks(bench, times);
    return Reading.of(many, Collections.max(many)).againstGreatest(peaks(bench, 1));
  }

  private List<Double> peaks(Workbench bench, int many) throws IOException {
    List<String> heap = times == MANY_TIMES ? SMALL_HEAP : List.of();
    ScriptProcess.Outcome outcome =
        bench.script(
            job + ".sh",
            ClusterRoundCost.MASTER,
            settings.of(bench, many),
            heap.toArray(String[]::new));
    if (outcome.executorPeaks().isEmpty()) {
      throw new IOException(job + ": no executor was seen in /proc");
    }
    List<Double> peaks = new ArrayList<>();
    outcome.executorPeaks().forEach(bytes -> peaks.add(bytes / MEBIBYTE));
    return peaks;
  }

  private static Config extraction(Workbench bench, int times) throws IOException {
    return bench.settings(
        "paths.images",
        bench.images(times),
        "paths.autoencoder",
        bench.model("autoencoder"),
        "paths.embeddings",
        bench.place("extracted"));
  }

  private static Config scoring(Workbench bench, int times) throws IOException {
    return bench.settings(
        "paths.embeddings",
        bench.embeddings(bench.workload().rows(FEW * times)),
        "paths.flow",
        bench.model("flow"),
        "paths.scores",
        bench.place("scores"));
  }

  private static Config sampling(Workbench bench, int times) throws IOException {
    return bench.settings(
        "paths.flow",
        bench.model("flow"),
        "paths.autoencoder",
        bench.place("no-autoencoder"),
        "paths.samples",
        bench.place("samples"),
        "sample.per-class",
        bench.workload().rows(FEW / 10 * times));
  }

  private static Config autoencoder(Workbench bench, int times) throws IOException {
    return bench.settings(
        "paths.images",
        bench.images(times),
        "paths.autoencoder",
        bench.place("model-memory"),
        "autoencoder.epochs",
        1);
  }

  private static Config flow(Workbench bench, int times) throws IOException {
    return bench.settings(
        "paths.embeddings",
        bench.embeddings(bench.workload().rows(FEW * times)),
        "paths.flow",
        bench.place("model-memory"),
        "flow.epochs",
        1);
  }
}
