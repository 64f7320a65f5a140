package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.jobs.ExtractEmbeddings;
import java.io.IOException;
import java.util.Map;

/**
 * Seconds from 70,000 images in Parquet to their embeddings; the peer: the encoder's pass alone.
 */
record Extraction() implements Measure {

  private static final double ROWS = 70_000;

  @Override
  public String name() {
    return "extract";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(4);
  }

  @Override
  public Map<String, Integer> peer(Config settings) {
    return Map.of("extract_70k_s", 1);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    Config settings =
        bench.settings(
            "paths.images",
            bench.images(),
            "paths.autoencoder",
            bench.model("autoencoder"),
            "paths.embeddings",
            bench.place("extracted"),
            "extract.reconstruction-error",
            false);
    long rows = bench.spark().read().parquet(bench.images()).count();
    return JobRuns.best(
        bench.workload(), ROWS / rows, () -> new ExtractEmbeddings().run(bench.spark(), settings));
  }
}
