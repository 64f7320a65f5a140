package dev.realnvp.damage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Folders of files, for the cases. */
final class Cases {

  private Cases() {}

  /** Copies a folder's content into another one, which is there. */
  static void copy(Path from, Path to) throws IOException {
    for (Path path : Damage.paths(from)) {
      Path copy = to.resolve(from.relativize(path).toString());
      if (!Files.isDirectory(path)) {
        Files.copy(path, copy);
      } else if (!path.equals(from)) {
        Files.createDirectory(copy);
      }
    }
  }

  /** What a folder holds: of each path a hash of the content, of a folder -1. */
  static Map<Path, Integer> content(Path folder) throws IOException {
    Map<Path, Integer> content = new LinkedHashMap<>();
    for (Path path : Damage.paths(folder)) {
      content.put(path, Files.isDirectory(path) ? -1 : Arrays.hashCode(Files.readAllBytes(path)));
    }
    return content;
  }

  /**
   * Deletes Hadoop's own check sums beside local files, as files that came from elsewhere have
   * none: with them hardly any damage would reach the readers.
   */
  static void deleteHadoopSums(Path folder) throws IOException {
    for (Path path : Damage.paths(folder)) {
      if (path.toString().endsWith(".crc")) {
        Files.delete(path);
      }
    }
  }
}
