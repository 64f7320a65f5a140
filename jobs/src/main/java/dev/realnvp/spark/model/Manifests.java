package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.IncompleteFolder;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.TableSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Manifests, made here and now, and on Hadoop file systems: {@code manifest.json} of a model,
 * {@code _manifest.json} among the files of a Parquet table, or of another folder that is no model;
 * of a table of Spark's catalog the property {@code realnvp.manifest}, if the catalog keeps it.
 * Readers of Parquet pass over names that start with an underscore.
 */
public final class Manifests {

  static final String MODEL = "manifest.json";
  private static final String TABLE = "_manifest.json";
  private static final String PROPERTY = "realnvp.manifest";

  /** The history of 10,000 epochs and the counts of 100,000 classes have 4 MB. */
  private static final int MOST_BYTES = 16 << 20;

  private Manifests() {}

  /** The manifest of something that is made now, with this Spark. */
  public static Manifest.Builder builder(String kind) {
    return Manifest.builder(kind)
        .version("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
  }

  /** Writes a table's manifest into its folder. */
  public static void writeTable(Configuration hadoop, String table, Manifest manifest)
      throws IOException {
    Path path = new Path(table, TABLE);
    try (OutputStream out = path.getFileSystem(hadoop).create(path)) {
      out.write(manifest.toJson().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The properties of a table of Spark's catalog that hold its manifest. */
  public static Map<String, String> properties(Manifest manifest) {
    return Map.of(PROPERTY, manifest.toJson());
  }

  /**
   * Reads a table's manifest: of files among them, of a table of Spark's catalog in its properties.
   * Empty where the table has none, as tables of other makers, and if the name finds no table, or
   * several paths.
   *
   * @throws InvalidInputException if it cannot be read, is no manifest, or the table is incomplete
   */
  public static Optional<Manifest> ofTable(SparkSession spark, String name) throws IOException {
    TableSource source = TableSource.find(spark, name);
    if (source instanceof TableSource.Files files && files.places().size() == 1) {
      return readIfThere(files.places().get(0).location(), TABLE);
    }
    if (source instanceof TableSource.Catalogued catalogued) {
      CatalogTable table = catalogued.table();
      return Optional.ofNullable(table.properties().get(PROPERTY))
          .map(json -> parse(json, "property " + PROPERTY + " of " + table.name()));
    }
    return Optional.empty();
  }

  /**
   * Reads a model's manifest alone; empty where there is none.
   *
   * @throws InvalidInputException if it cannot be read, is no manifest, or the model is incomplete
   */
  public static Optional<Manifest> ofModel(Configuration hadoop, String directory) {
    return readIfThere(Location.of(hadoop, directory), MODEL);
  }

  private static Optional<Manifest> readIfThere(Location folder, String name) {
    try {
      IncompleteFolder.refuse(folder);
      // A table may be a single file, and HDFS does not let everybody look for something in that.
      return folder.isDirectory() && folder.child(name).exists()
          ? Optional.of(read(folder.child(name)))
          : Optional.empty();
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  /**
   * Reads a manifest's file.
   *
   * @throws InvalidInputException if it is not there, cannot be read, or is none
   */
  static Manifest read(Location file) {
    return parse(file.text("a manifest", MOST_BYTES), file.display());
  }

  private static Manifest parse(String json, String of) {
    try {
      return Manifest.fromJson(json);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(of + " is " + e.getMessage(), e);
    }
  }
}
