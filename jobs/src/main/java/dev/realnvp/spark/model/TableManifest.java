package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.data.Location;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The manifest of a Parquet table, or of another folder that is not a model: {@code _manifest.json}
 * among its files. Readers of Parquet ignore names that start with an underscore.
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
   * Reads it; empty if the table has none, because another program wrote it.
   *
   * @throws dev.realnvp.spark.data.InvalidInputException if it cannot be read, is not a manifest,
   *     or the table is incomplete
   */
  public static Optional<Manifest> read(Configuration hadoop, String table) {
    return ManifestFile.readIfThere(Location.of(hadoop, table), NAME);
  }
}
