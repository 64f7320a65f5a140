package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.util.Map;

/** Seconds of an epoch of 60,000, the best of the warmed ones; the peer: the best of its own. */
record Epoch(String section, String peerWork, double bound) implements Measure {

  @Override
  public String name() {
    return section + "-epoch";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.ratioAtMost(bound);
  }

  @Override
  public Map<String, Integer> peer(Config settings) {
    return Map.of(peerWork, 1);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    return Reading.best(bench.training(section, bench.workers()).seconds());
  }
}
