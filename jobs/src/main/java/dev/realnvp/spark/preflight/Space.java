package dev.realnvp.spark.preflight;

import java.io.File;
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
