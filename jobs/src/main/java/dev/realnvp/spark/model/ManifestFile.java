package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.data.IncompleteFolder;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Location;
import java.io.IOException;
import java.util.Optional;

/** Reads manifests from any place. */
final class ManifestFile {

  /** The history of 10,000 epochs and the counts of 100,000 classes have 4 MB. */
  private static final int MOST_BYTES = 16 << 20;

  private ManifestFile() {}

  /**
   * Reads the manifest in a folder.
   *
   * @param name of the file
   * @throws InvalidInputException if it does not exist, cannot be read, or is not a manifest, or if
   *     the folder is incomplete
   */
  static Manifest read(Location folder, String name) {
    try {
      IncompleteFolder.refuse(folder);
      return read(folder.child(name));
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  private static Manifest read(Location file) {
    try {
      return Manifest.fromJson(StoredFile.text(file, "a manifest", MOST_BYTES));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file.display() + " is " + e.getMessage(), e);
    }
  }

  /** Likewise, but empty if there is no such file. */
  static Optional<Manifest> readIfThere(Location folder, String name) {
    try {
      IncompleteFolder.refuse(folder);
      // A table may be a single file, and HDFS does not let everybody look for a child of a file.
      return folder.isDirectory() && folder.child(name).exists()
          ? Optional.of(read(folder.child(name)))
          : Optional.empty();
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }
}
