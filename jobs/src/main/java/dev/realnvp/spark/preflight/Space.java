package dev.realnvp.spark.preflight;

import dev.realnvp.spark.data.Location;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkEnv;

/**
 * A folder and what its disk has left.
 *
 * @param free in bytes
 */
record Space(String folder, long free) implements Serializable {

  /** Of a folder on any file system; an object store has no end. */
  static Space of(Location folder) throws IOException {
    // Hadoop counts what a local disk keeps for the superuser too.
    long free =
        folder.path().toUri().getScheme().equals("file")
            ? new File(folder.path().toUri()).getUsableSpace()
            : folder.fileSystem().getStatus(folder.path()).getRemaining();
    return new Space(folder.display(), free);
  }

  /** Spark's local folders of this process, for shuffles, spilled rows and broadcasts. */
  static List<Space> ofSparkHere() {
    return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
        .map(folder -> new Space(configured(folder), folder.getUsableSpace()))
        .toList();
  }

  /** The folder that the settings name, in which Spark makes others of changing names. */
  private static String configured(File folder) {
    Path path = folder.toPath().toAbsolutePath().getParent();
    while (path.getFileName() != null
        && path.getFileName().toString().matches("(spark|executor)-[0-9a-f-]{36}")) {
      path = path.getParent();
    }
    return path.toString();
  }
}
