package dev.realnvp.spark.storage;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Leases that are returned together. */
public final class OutputLeases implements AutoCloseable {

  private final SparkSession spark;
  private final Deque<OutputLease> taken = new ArrayDeque<>();
  private final Set<String> outputs = new HashSet<>();

  public OutputLeases(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Takes the lease of an output that may be a table of Spark's catalog. Such a table has none: its
   * catalog puts each writer's complete table in place.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void table(String target) throws IOException {
    if (CatalogTable.output(spark, target).isEmpty()) {
      output(target);
    }
  }

  /**
   * Takes the lease of an output.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void output(String target) throws IOException {
    taken.push(OutputLease.take(hadoop(), target));
    outputs.add(target);
  }

  public boolean hasOutput(String target) {
    return outputs.contains(target);
  }

  /**
   * Takes the lease of the files with a name in a folder.
   *
   * @throws OutputInUseException if another writer has it
   */
  public void files(String folder, String name) throws IOException {
    taken.push(OutputLease.take(hadoop(), folder, name));
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Returns all of them, in reverse order. */
  @Override
  public void close() {
    while (!taken.isEmpty()) {
      taken.pop().close();
    }
  }
}
