package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.model.Versions;
import dev.realnvp.settings.Range;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.preflight.Finding;
import dev.realnvp.spark.preflight.Preflight;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.OutputLease;
import dev.realnvp.spark.storage.OutputLeases;
import dev.realnvp.spark.storage.TableSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * One job: its options, and {@link #run}, which does the work and can be called from a test or from
 * another job. An option is another way to write a setting; {@link #option} declares it.
 *
 * @param <R> the job's result: what it wrote, where, or how many rows
 */
@Command(mixinStandardHelpOptions = true, versionProvider = Job.Version.class)
public abstract class Job<R> {

  /** What an option takes that names a table to read, in its help. */
  protected static final String INPUT =
      "files of CSV, JSON lines, ORC or Parquet (a path, a glob, or several with commas), or its name in Spark's catalog";

  /** What an option takes that names a table to write, in its help. */
  protected static final String OUTPUT = "The table: a path, or a name in Spark's catalog";

  /** The settings of outputs that may be tables of Spark's catalog. */
  private static final Set<String> TABLES =
      Set.of("paths.embeddings", "paths.scores", "paths.samples");

  private final List<String> reads;
  private final List<String> writes;
  private final String next;

  /** By the setting that each gives. */
  private final Map<String, OptionSpec> options = new LinkedHashMap<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a setting (flow.epochs=5) of conf/pipeline.conf. Repeatable.")
  private final List<String> sets = new ArrayList<>();

  @Option(
      names = "--conf-file",
      paramLabel = "FILE",
      description = "Settings (HOCON) that override conf/pipeline.conf.")
  private Path file;

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"realnvp-spark " + Versions.PROJECT};
    }
  }

  /**
   * A job with the options that every job has.
   *
   * @param reads the settings that name what it reads, if it is there or must be
   * @param writes the settings that name what it writes
   * @param next the job that comes next on the same run; null after the last one
   */
  protected Job(List<String> reads, List<String> writes, String next) {
    this.reads = reads;
    this.writes = writes;
    this.next = next;
    option("--run=DIR", "run");
    option("--overwrite", "overwrite");
  }

  /**
   * Declares an option, which is another way to write a setting, and is explained as that is.
   *
   * @param option its name, and behind "=" what its value is called; a name alone sets true
   */
  protected final void option(String option, String key) {
    option(option, key, Settings.meaning(key));
  }

  /**
   * The same.
   *
   * @param text what it is, for the help, which names the setting and its range too
   */
  protected final void option(String option, String key, String text) {
    String[] words = option.split("=", 2);
    String range = Range.of(key).map(some -> ", " + some.expected()).orElse("");
    String setting = key.contains(".") ? key : "setting " + key;
    options.put(
        key,
        OptionSpec.builder(words[0])
            .paramLabel(words.length > 1 ? words[1] : "")
            .type(Settings.type(key))
            .description("%s (%s%s).".formatted(text, setting, range))
            .build());
  }

  /** Declares the options of the jobs that read a table of embeddings. */
  protected final void embeddingsOptions() {
    embeddingsOptions("paths.embeddings");
  }

  private void embeddingsOptions(String input) {
    rowsOptions(input);
    option("--id-col=COLUMN,...", "table.id-col");
    option("--label-col=COLUMN", "table.label-col");
    option("--no-label", "table.no-label");
  }

  /**
   * Declares the options of the jobs that read the features of a table's rows.
   *
   * @param input the setting that says where it is
   */
  protected final void rowsOptions(String input) {
    option("--input=TABLE", input, "A table with a column of vectors, or many columns: " + INPUT);
    option("--features-col=COLUMN", "table.features-col");
    option("--where=SQL", "table.where");
    option("--types=COLUMN TYPE,...", "table.types");
    option("--missing=TEXT", "table.missing");
    option("--skip-invalid", "skip-invalid");
  }

  /**
   * Declares the options of the jobs that train on a table of embeddings.
   *
   * @param input the setting that says where it is
   */
  protected final void trainingOptions(String input) {
    embeddingsOptions(input);
    option("--features-cols=COLUMN,...", "table.features-cols");
    option("--column-kinds=COLUMN=KIND,...", "table.column-kinds");
    option("--impute", "table.impute");
    option("--context-cols=COLUMN,...", "table.context-cols");
    option("--weight-col=COLUMN", "table.weight-col");
  }

  /** The options that are settings. */
  final Collection<OptionSpec> options() {
    return options.values();
  }

  /** The settings in force: defaults, configuration file, {@code --set}, options. */
  final Config settings() {
    Map<String, Object> values = new LinkedHashMap<>();
    options.forEach(
        (key, option) -> {
          if (option.getValue() != null) {
            values.put(key, option.getValue());
          }
        });
    return Settings.load(file, sets, values);
  }

  final String next() {
    return next;
  }

  public final List<String> reads() {
    return reads;
  }

  public final List<String> writes() {
    return writes;
  }

  /** Whether Spark's event log of it is kept, in the run's folder. */
  protected boolean logsEvents() {
    return true;
  }

  /** The exit codes that only this job has, with what they mean. */
  protected Map<String, String> exitCodes() {
    return Map.of();
  }

  /** What the checks before the work find. */
  protected List<Finding> preflight(SparkSession spark, Config config) {
    return Preflight.check(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        set(config, writes)
            .filter(key -> table(spark, config, key).isEmpty())
            .map(config::getString)
            .toList());
  }

  /** The paths that an input names; none for a table of Spark's catalog. */
  private static Stream<String> files(SparkSession spark, String input) {
    try {
      return TableSource.find(spark, input) instanceof TableSource.Files files
          ? Stream.of(files.paths())
          : Stream.empty();
    } catch (IOException | InvalidInputException e) {
      // Who reads it finds words for that.
      return Stream.of(input);
    }
  }

  private static Stream<String> set(Config config, Collection<String> keys) {
    return keys.stream().filter(key -> !config.getString(key).isEmpty());
  }

  /**
   * The table of Spark's catalog that a setting names as an output; empty if that is a path.
   *
   * @throws InvalidInputException if Spark cannot use the catalog
   */
  public static Optional<CatalogTable> table(SparkSession spark, Config config, String key) {
    return TABLES.contains(key)
        ? CatalogTable.output(spark, config.getString(key))
        : Optional.empty();
  }

  /**
   * Takes the lease of the output that a setting names, if it is a path.
   *
   * @throws dev.realnvp.spark.storage.OutputInUseException if another writer has it
   */
  public static void claim(OutputLeases leases, Config config, String key) throws IOException {
    if (TABLES.contains(key)) {
      leases.table(config.getString(key));
    } else {
      leases.output(config.getString(key));
    }
  }

  /**
   * The settings with the tables of Spark's catalog that the job reads at the versions that they
   * have now ({@link CatalogTable#pinned}), so that all of the job reads the same rows.
   */
  private Config pinned(SparkSession spark, Config config) throws IOException {
    Config pinned = config;
    for (String key : set(config, reads).toList()) {
      if (TableSource.find(spark, config.getString(key))
          instanceof TableSource.Catalogued catalogued) {
        String name = catalogued.table().pinned().name();
        pinned = pinned.withValue(key, ConfigValueFactory.fromAnyRef(name));
      }
    }
    return pinned;
  }

  /**
   * Refuses a place for an output that holds what must stay when it is replaced: the run's folder,
   * something that the job reads, or another part of the run.
   *
   * @param leases of the outputs that are replaced as one
   * @throws dev.realnvp.spark.failure.ConfigurationException that names both settings
   */
  private void requireApart(SparkSession spark, Config config, OutputLeases leases) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Set<String> kept = new TreeSet<>(reads);
    kept.add("run");
    config.getConfig("paths").root().keySet().forEach(name -> kept.add("paths." + name));
    for (String other : set(config, kept).toList()) {
      String place = config.getString(other);
      List<Location> files = files(spark, place).map(f -> Location.of(hadoop, f)).toList();
      for (String key : set(config, writes).filter(key -> !key.equals(other)).toList()) {
        String target = config.getString(key);
        if (leases.hasOutput(target)
            && files.stream().anyMatch(Location.of(hadoop, target)::holds)) {
          throw Settings.wrong(
              config, key, "a place without %s (setting %s)".formatted(place, other));
        }
      }
    }
  }

  /**
   * Takes the leases of what the job will write, which it has before and while it works, and gives
   * back however it ends: here, of all that {@link #writes} names.
   *
   * @throws dev.realnvp.spark.storage.OutputInUseException if another writer has one of them
   */
  protected void claim(OutputLeases leases, Config config) throws IOException {
    for (String key : set(config, writes).toList()) {
      claim(leases, config, key);
    }
  }

  /** Takes these leases. */
  final OutputLeases claim(SparkSession spark, Config config) throws IOException {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .setInt(OutputLease.SECONDS, config.getInt("output.lease-seconds"));
    OutputLeases leases = new OutputLeases(spark);
    try {
      claim(leases, config);
      return leases;
    } catch (Throwable e) {
      leases.close();
      throw e;
    }
  }

  /**
   * Does the work, as the only writer of its outputs that are paths.
   *
   * @param spark the session, which the caller stops
   * @param config every setting, resolved
   * @throws InvalidInputException if an input is not what it should be
   * @throws dev.realnvp.spark.storage.OutputException if an output is another writer's, or did not
   *     become what it should be
   */
  public final R run(SparkSession spark, Config config) throws IOException {
    OutputLeases leases = claim(spark, config);
    try {
      requireApart(spark, config, leases);
      return work(spark, pinned(spark, config));
    } finally {
      leases.close();
    }
  }

  /** Does the work of {@link #run}, whose leases it has. */
  protected abstract R work(SparkSession spark, Config config) throws IOException;
}
