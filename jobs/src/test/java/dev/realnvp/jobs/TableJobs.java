package dev.realnvp.jobs;

import java.io.IOException;
import java.nio.file.Path;

/** Jobs on tables, for tests of other packages. */
public final class TableJobs {

  private TableJobs() {}

  /** Trains the flow of a run, and returns its id. */
  public static String train(Path folder, String run, String... settings) throws IOException {
    return Runs.defaults(folder).train(run, settings).manifest().id();
  }
}
