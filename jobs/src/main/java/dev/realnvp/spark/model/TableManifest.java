package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.data.IncompleteFolder;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The manifest of a Parquet table, or of another folder that is no model: {@code _manifest.json}
 * among its files. Readers of Parquet pass over names that start with an underscore.
 */
public final class TableManifest {

  private static final String NAME = "_manifest.json";

  private TableManifest() {}

  /** Writes it into the folder. */
  public static void write(Configuration hadoop, String table, Manifest manifest)
      throws IOException {
    Path path = new Path(table, NAME);
    try (OutputStream out = path.getFileSystem(hadoop).create(path)) {
      out.write(manifest.toJson().getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Reads it; empty where the table has none, as tables of other makers.
   *
   * @throws InvalidInputException if it is not a manifest, or the table is incomplete
   */
  public static Optional<Manifest> read(Configuration hadoop, String table) throws IOException {
    Location place = Location.of(hadoop, table);
    IncompleteFolder.refuse(place);
    Path path = new Path(table, NAME);
    // A table may be a single file, and HDFS does not let everybody look for something inside that.
    if (!place.isDirectory() || !place.fileSystem().exists(path)) {
      return Optional.empty();
    }
    try (InputStream in = place.fileSystem().open(path)) {
      return Optional.of(Manifest.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(path + " is " + e.getMessage(), e);
    }
  }
}
