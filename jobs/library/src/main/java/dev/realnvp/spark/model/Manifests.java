package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.storage.TableSource;
import dev.realnvp.stored.StoredModel;
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

  private static final String PROPERTY = "realnvp.manifest";

  private Manifests() {}

  /** The manifest of something that is made now, with this Spark. */
  public static Manifest.Builder builder(String kind) {
    return Manifest.builder(kind)
        .version("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
  }

  /**
   * Refuses facts about a model that leave no quarter of its manifest to settings and history; to
   * be called before hours of training, because readers refuse a longer manifest.
   *
   * @param table that the facts are of, in messages
   */
  public static void requireRoom(Map<String, Object> facts, String table) {
    Manifest manifest = builder("").id("").from("", Map.of()).settings(facts, 0).build();
    int bytes = manifest.toJson().getBytes(StandardCharsets.UTF_8).length;
    int most = StoredModel.MOST_MANIFEST_BYTES / 4 * 3;
    if (bytes > most) {
      throw new InvalidInputException(
          "the names of the classes, categories and columns of %s have %d bytes, too many for a model's manifest; expected at most %d: shorten them, or use numbers"
              .formatted(table, bytes, most));
    }
  }

  public static void writeTable(Configuration hadoop, String table, Manifest manifest)
      throws IOException {
    Path path = new Path(table, ParquetFiles.MANIFEST);
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
      return readIfThere(files.places().get(0).location(), ParquetFiles.MANIFEST);
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
    return readIfThere(Location.of(hadoop, directory), StoredModel.MANIFEST);
  }

  private static Optional<Manifest> readIfThere(Location folder, String name) {
    try {
      folder.requireComplete();
      return folder.has(name) ? Optional.of(StoredModel.manifest(folder, name)) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  private static Manifest parse(String json, String of) {
    try {
      return Manifest.fromJson(json);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(of + " is " + e.getMessage(), e);
    }
  }
}
