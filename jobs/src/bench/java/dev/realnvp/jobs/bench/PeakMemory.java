package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
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
final class PeakMemory {

  private static final double MEBIBYTE = 1 << 20;
  private static final int FEW = 70_000;
  private static final int MANY_TIMES = 20;
  private static final int TRAINED_TIMES = 4;
  private static final String[] SMALL_HEAP = {
    "--conf",
    "spark.executor.memory=512m",
    "--conf",
    "spark.executor.extraJavaOptions=-Xms512m -XX:+AlwaysPreTouch"
  };

  private PeakMemory() {}

  /** A job's settings for images or rows so many times as there are in MNIST. */
  @FunctionalInterface
  private interface Settings {
    Config of(Workbench bench, int times) throws IOException;
  }

  /** One a job: 1,400,000 rows against 70,000, and for training, which keeps its rows, 280,000. */
  static List<Measure> all() {
    return List.of(
        inference("extract-embeddings", (bench, n) -> Measures.extraction(bench, bench.images(n))),
        inference(
            "score",
            (bench, n) -> Measures.scoring(bench, BenchModel.FLOW, bench.workload().rows(FEW * n))),
        inference(
            "sample", (bench, n) -> Measures.sampling(bench, bench.workload().rows(FEW / 10 * n))),
        training(
            "train-ae",
            (bench, n) -> bench.trainingSettings("autoencoder", bench.images(n), "memory", 1)),
        training(
            "train-flow",
            (bench, n) ->
                bench.trainingSettings(
                    "flow", bench.embeddings(bench.workload().rows(FEW * n)), "memory", 1)));
  }

  private static Measure inference(String job, Settings settings) {
    return measure(job, MANY_TIMES, 1.1, settings, SMALL_HEAP);
  }

  private static Measure training(String job, Settings settings) {
    return measure(job, TRAINED_TIMES, TRAINED_TIMES, settings);
  }

  private static Measure measure(
      String job, int times, double bound, Settings settings, String... options) {
    return new Measure(
        "memory-" + job,
        "MiB",
        Goal.ratioAtMost(bound),
        bench -> {
          List<Double> many = peaks(bench, job, settings.of(bench, times), options);
          return Reading.of(many, Collections.max(many))
              .againstGreatest(peaks(bench, job, settings.of(bench, 1), options));
        });
  }

  private static List<Double> peaks(Workbench bench, String job, Config settings, String... options)
      throws IOException {
    List<Long> peaks =
        bench.script(job + ".sh", Measures.CLUSTER, settings, options).executorPeaks();
    if (peaks.isEmpty()) {
      throw new IOException(job + ": no executor was seen in /proc");
    }
    return peaks.stream().map(bytes -> bytes / MEBIBYTE).toList();
  }
}
