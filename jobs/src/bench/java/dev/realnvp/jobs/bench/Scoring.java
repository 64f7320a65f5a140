package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.jobs.Score;
import java.io.IOException;
import java.util.Map;

/** Seconds from 100,000 embeddings in Parquet to their densities under each of ten classes. */
record Scoring() implements Measure {

  private static final int ROWS = 100_000;

  @Override
  public String name() {
    return "score";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(0.8);
  }

  @Override
  public Map<String, Integer> peer(Config settings) {
    return Map.of("score_100k_s", 1);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    int rows = bench.workload().rows(ROWS);
    Config settings =
        bench.settings(
            "paths.embeddings",
            bench.embeddings(rows),
            "paths.flow",
            bench.model("flow"),
            "paths.scores",
            bench.place("scores"));
    return JobRuns.best(
        bench.workload(), (double) ROWS / rows, () -> new Score().run(bench.spark(), settings));
  }
}
