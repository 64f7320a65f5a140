package dev.realnvp.spark.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.apache.commons.io.FileUtils;

/** Local folders that appear complete or not at all. */
public final class Folders {
  private Folders() {}

  /** Fills a folder. */
  @FunctionalInterface
  public interface Filler {
    void fill(Path folder) throws IOException;
  }

  /** Fills a folder, and then renames it to its name; an old folder of that name is deleted. */
  public static void create(Path target, Filler filler) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path temporary = parent.resolve("." + target.getFileName() + ".tmp-" + UUID.randomUUID());
    Files.createDirectory(temporary);
    try {
      filler.fill(temporary);
      delete(target);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(temporary);
    }
  }

  /** Deletes a folder and its content, if it exists. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      FileUtils.forceDelete(folder.toFile());
    }
  }
}
