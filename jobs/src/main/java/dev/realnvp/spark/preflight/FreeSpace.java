package dev.realnvp.spark.preflight;

import dev.realnvp.spark.storage.Location;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkEnv;

/**
 * A folder and the free space on its disk.
 *
 * @param free in bytes
 */
record FreeSpace(String folder, long free) implements Serializable {

  /** The free space of a folder on any file system; unlimited on an object store. */
  static FreeSpace of(Location folder) throws IOException {
    // Hadoop also counts the space that a local disk reserves for the superuser.
    long free =
        folder.path().toUri().getScheme().equals("file")
            ? new File(folder.path().toUri()).getUsableSpace()
            : folder.fileSystem().getStatus(folder.path()).getRemaining();
    return new FreeSpace(folder.display(), free);
  }

  /** Spark's local folders of this process, for shuffles, spilled rows and broadcasts. */
  static List<FreeSpace> ofSparkHere() {
    return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
        .map(folder -> new FreeSpace(configured(folder), folder.getUsableSpace()))
        .toList();
  }

  /** The folder in the settings, in which Spark creates folders with changing names. */
  private static String configured(File folder) {
    Path path = folder.toPath().toAbsolutePath().getParent();
    while (path.getFileName() != null
        && path.getFileName().toString().matches("(spark|executor)-[0-9a-f-]{36}")) {
      path = path.getParent();
    }
    return path.toString();
  }
}
