package dev.realnvp.spark.storage;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.hadoop.conf.Configuration;

/** Leases that are returned together. */
public final class OutputLeases implements AutoCloseable {

  private final Configuration hadoop;
  private final Deque<OutputLease> taken = new ArrayDeque<>();

  public OutputLeases(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Takes the lease of an output.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void output(String target) throws IOException {
    taken.push(OutputLease.take(hadoop, target));
  }

  /**
   * Takes the lease of the files with a name in a folder.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void files(String folder, String name) throws IOException {
    taken.push(OutputLease.take(hadoop, folder, name));
  }

  /** Returns all of them, in reverse order. */
  @Override
  public void close() {
    while (!taken.isEmpty()) {
      taken.pop().close();
    }
  }
}
