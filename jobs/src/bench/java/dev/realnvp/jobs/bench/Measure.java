package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.io.IOException;
import java.util.Map;

/** One line of the table. */
interface Measure {

  /** As {@code --only} takes it. */
  String name();

  /** Of what {@link #take} gives, "s" say. */
  String unit();

  /** What it should show. */
  Goal goal();

  /** Measures. */
  Reading take(Workbench bench) throws IOException;

  /**
   * The peer's work that equals this one: how often each of the peer's works; empty where PyTorch
   * is not what it is compared with.
   *
   * @param settings of the jobs
   */
  default Map<String, Integer> peer(Config settings) {
    return Map.of();
  }
}
