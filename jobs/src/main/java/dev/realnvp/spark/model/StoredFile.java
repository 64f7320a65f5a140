package dev.realnvp.spark.model;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Opens the files of models and tables. */
final class StoredFile {

  private StoredFile() {}

  /**
   * Opens a file.
   *
   * @param expected a description of the expected file
   * @throws InvalidInputException if there is none
   */
  static InputStream open(Location file, String expected) throws IOException {
    try {
      return file.fileSystem().open(file.path());
    } catch (FileNotFoundException e) {
      String got =
          file.exists() ? file.display() + " is a folder" : "there is no " + file.display();
      throw new InvalidInputException(got + "; expected " + expected, e);
    }
  }

  /**
   * Reads a file of text.
   *
   * @param expected a description of the expected file
   * @param most the largest allowed number of bytes
   * @throws InvalidInputException if it does not exist, cannot be read, or has more bytes
   */
  static String text(Location file, String expected, int most) {
    try (InputStream in = open(file, expected)) {
      byte[] text = in.readNBytes(most + 1);
      if (text.length > most) {
        throw new InvalidInputException(
            "%s has more than %d bytes, too many for %s".formatted(file.display(), most, expected));
      }
      return new String(text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }
}
