package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.AbstractStringAssert;

/**
 * A folder of tables and runs of a test's own, and the jobs on them.
 *
 * @param sets the settings of all of its jobs, each as {@code key=value}
 */
record Runs(SparkSession spark, Path folder, List<String> sets) {

  /** A small flow that trains for one epoch, but for what the settings say. */
  static Runs in(Path folder, String... sets) {
    return defaults(folder, "flow.epochs=1", "flow.hidden=[8]", "flow.couplings=2").with(sets);
  }

  /** The default flow, but for what the settings say. */
  static Runs defaults(Path folder, String... sets) {
    return new Runs(LocalSpark.session(), folder, List.of(sets));
  }

  /** The same with more settings, which win. */
  Runs with(String... more) {
    List<String> all = new ArrayList<>(sets);
    all.addAll(List.of(more));
    return new Runs(spark, folder, all);
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Writes a table, and returns the setting that names it as a job's input. */
  String write(String name, String sql, Object... arguments) {
    return write(name, spark.sql(arguments.length == 0 ? sql : sql.formatted(arguments)));
  }

  String write(String name, Dataset<Row> rows) {
    rows.write().mode("overwrite").parquet(path(name));
    return input(name);
  }

  /** The setting that names a table as a job's input. */
  String input(String name) {
    return "paths.embeddings=" + path(name);
  }

  /** All settings of a run in the folder. */
  Config settings(String run, String... more) {
    return Settings.load(null, with(more).sets, Map.of("run", path(run)));
  }

  /** Runs a job in a run of the folder. */
  <R> R run(Job<R> job, String run, String... more) throws IOException {
    return job.run(spark, settings(run, more));
  }

  TrainFlow.Result train(String run, String... more) throws IOException {
    return run(new TrainFlow(), run, more);
  }

  Long score(String run, String... more) throws IOException {
    return run(new Score(), run, more);
  }

  /** A table of the folder. */
  Dataset<Row> table(String name) {
    return spark.read().parquet(path(name) + "/*.parquet");
  }

  Dataset<Row> scores(String run) {
    return table(run + "/scores");
  }

  StoredModel flow(String run) throws IOException {
    String place = folder.resolve(run).resolve("flow").toString();
    return ModelDirectory.read(new Configuration(), place, FlowModel.KIND);
  }

  /** The one line that a job ends with, as wrong usage or not. */
  AbstractStringAssert<?> refused(boolean usage, Job<?> job, String run, String... more) {
    Throwable thrown = catchThrowable(() -> run(job, run, more));
    assertThat(thrown).isNotNull();
    assertThat(thrown instanceof ConfigurationException).as("%s", thrown).isEqualTo(usage);
    AbstractStringAssert<?> message = assertThat(thrown.getMessage());
    message.hasLineCount(1);
    return message;
  }
}
