package dev.realnvp.spark.model;

import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Opens the files of models and tables. */
final class StoredFile {

  private StoredFile() {}

  /**
   * Opens a file.
   *
   * @param expected what it should be
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
}
