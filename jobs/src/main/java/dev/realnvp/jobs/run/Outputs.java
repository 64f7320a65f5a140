package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.RowProgress;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.function.IOConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where a job's outputs go, and how: complete or not at all, over an old one only if so asked. A
 * table's place may be its name in Spark's catalog.
 */
public final class Outputs {

  private static final String DICTIONARY = "parquet.enable.dictionary#";

  private final SparkSession spark;
  private final Configuration hadoop;
  private final SaveMode existing;
  private final String target;
  private final String kind;
  private final Optional<CatalogTable> named;
  private final long start = System.nanoTime();

  private Outputs(
      SparkSession spark,
      SaveMode existing,
      String target,
      String kind,
      Optional<CatalogTable> named) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.existing = existing;
    this.target = target;
    this.kind = kind;
    this.named = named;
  }

  /**
   * The output that the setting names, checked before any work.
   *
   * @throws dev.realnvp.spark.failure.InvalidInputException if it exists and may not be replaced
   */
  public static Outputs open(Run run, String key) throws IOException {
    Config config = run.config();
    SaveMode existing =
        config.getBoolean("overwrite") ? SaveMode.Overwrite : SaveMode.ErrorIfExists;
    String kind = key.equals("paths.exported") ? AtomicOutput.FILE : key.replace("paths.", "");
    Outputs outputs =
        new Outputs(
            run.spark(),
            existing,
            config.getString(key),
            kind,
            Job.table(run.spark(), config, key));
    if (outputs.named.isPresent()) {
      outputs.requireWritable(outputs.named.get());
    } else {
      AtomicOutput.check(outputs.hadoop, outputs.target, existing, kind);
    }
    return outputs;
  }

  private void requireWritable(CatalogTable table) throws IOException {
    table.requireWritable(existing == SaveMode.Overwrite);
    if (table.exists()
        && Manifests.ofTable(spark, target).filter(m -> m.kind().equals(kind)).isEmpty()) {
      throw new InvalidInputException(
          "Output %s exists already and has no manifest of %s, which alone replace it: name another table, or drop it"
              .formatted(target, kind));
    }
  }

  public String target() {
    return target;
  }

  public SaveMode existing() {
    return existing;
  }

  /** A manifest that is written now, with the time since the output was opened. */
  public Manifest timed(Manifest manifest) {
    return manifest.edit().seconds((System.nanoTime() - start) / 1e9).build();
  }

  public void model(StoredModel model) throws IOException {
    ModelDirectory.write(hadoop, target, existing, model);
    Console.wrote(target);
  }

  /**
   * Writes a table: as Parquet with its manifest beside the files, or into Spark's catalog with its
   * manifest in the table's properties, which tells no time, because it is there with the rows.
   *
   * @param rows how many there will be
   * @throws dev.realnvp.spark.storage.OutputException if there are others in the files
   */
  public void table(Dataset<Row> table, Manifest manifest, long rows) throws IOException {
    table(table, manifest, rows, temporary -> {});
  }

  /** Whether it is a table of Spark's catalog, which has no place beside its rows. */
  public boolean isNamed() {
    return named.isPresent();
  }

  public Dataset<Row> written() {
    return named.map(CatalogTable::read).orElseGet(() -> Run.table(spark, target));
  }

  /**
   * Writes a table, and if it is Parquet something made of it beside the files.
   *
   * @param beside adds its files to the written table's
   */
  public void table(Dataset<Row> table, Manifest manifest, long rows, IOConsumer<String> beside)
      throws IOException {
    if (named.isPresent()) {
      Map<String, String> properties = Manifests.properties(manifest);
      RowProgress.during(
          spark,
          rows,
          () -> named.get().write(table, rows, existing == SaveMode.Overwrite, properties));
      Console.wrote(target);
      return;
    }
    write(
        temporary -> {
          DataFrameWriter<Row> writer = table.write().options(plain(table.schema()));
          RowProgress.during(spark, rows, () -> ParquetFiles.write(spark, writer, temporary, rows));
          beside.accept(temporary);
          Manifests.writeTable(hadoop, temporary, timed(manifest));
        });
  }

  /** Parquet makes a dictionary of a column's values first; those of vectors hardly ever repeat. */
  private static Map<String, String> plain(StructType schema) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put(DICTIONARY + "log_prob", "false");
    for (StructField field : schema.fields()) {
      if (field.dataType() instanceof ArrayType array
          && List.of(DataTypes.FloatType, DataTypes.DoubleType).contains(array.elementType())) {
        options.put(DICTIONARY + field.name() + ".list.element", "false");
      }
    }
    return options;
  }

  /** Writes a folder with one file of text, and its manifest. */
  public void text(String name, String content, Manifest manifest) throws IOException {
    write(
        temporary -> {
          file(hadoop, new Path(temporary, name), out -> out.write(bytes(content)));
          Manifests.writeTable(hadoop, temporary, timed(manifest));
        });
  }

  public void file(IOConsumer<OutputStream> content) throws IOException {
    write(temporary -> file(hadoop, new Path(temporary), content));
  }

  /** Writes one file of text, over whatever is there. */
  public static void replace(SparkSession spark, String file, String content) throws IOException {
    new Outputs(spark, SaveMode.Overwrite, file, AtomicOutput.FILE, Optional.empty())
        .file(out -> out.write(bytes(content)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes a file in place. */
  public static void file(Configuration hadoop, Path path, IOConsumer<OutputStream> content)
      throws IOException {
    try (OutputStream out = path.getFileSystem(hadoop).create(path)) {
      content.accept(out);
    }
  }

  /** Has the output written to a temporary place. */
  public void write(IOConsumer<String> writer) throws IOException {
    AtomicOutput.write(hadoop, target, existing, kind, writer);
    Console.wrote(target);
  }
}
