package dev.realnvp.spark.data;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.hadoop.conf.Configuration;

/** Leases that are given back together. */
public final class OutputLeases implements AutoCloseable {

  private final Configuration hadoop;
  private final Deque<OutputLease> taken = new ArrayDeque<>();

  public OutputLeases(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Takes an output's.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void output(String target) throws IOException {
    taken.push(OutputLease.take(hadoop, target));
  }

  /**
   * Takes that of the files of a name in a folder.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void files(String folder, String name) throws IOException {
    taken.push(OutputLease.take(hadoop, folder, name));
  }

  /** Gives all of them back, the last one first. */
  @Override
  public void close() {
    while (!taken.isEmpty()) {
      taken.pop().close();
    }
  }
}
