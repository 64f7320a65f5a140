package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.jobs.Sample;
import java.io.IOException;
import java.util.Map;

/** Seconds of 500,000 samples, embeddings without pictures, into Parquet. */
record Sampling() implements Measure {

  private static final int PER_CLASS = 50_000;

  @Override
  public String name() {
    return "sample";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(0.9);
  }

  @Override
  public Map<String, Integer> peer(Config settings) {
    return Map.of("sample_500k_s", 1);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    int perClass = bench.workload().rows(PER_CLASS);
    Config settings =
        bench.settings(
            "paths.flow",
            bench.model("flow"),
            "paths.autoencoder",
            bench.place("no-autoencoder"),
            "paths.samples",
            bench.place("samples"),
            "sample.per-class",
            perClass);
    return JobRuns.best(
        bench.workload(),
        (double) PER_CLASS / perClass,
        () -> new Sample().run(bench.spark(), settings));
  }
}
