package dev.realnvp.stored;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.commons.io.function.IOFunction;

/** A folder of files that belong together, a model for example, on whatever file system. */
public interface StoredFolder {

  /**
   * The file that lies in a folder while its files are written one after the other: it comes first
   * and goes last.
   */
  String INCOMPLETE = "_incomplete";

  /** How messages call the folder. */
  String display();

  /** How messages call a file in it. */
  String display(String name);

  /** Whether it is a folder with a file of this name. */
  boolean has(String name) throws IOException;

  /**
   * Opens a file.
   *
   * @param expected a description of the expected file
   * @throws RuntimeException in one line, if there is none: an {@link IllegalArgumentException}
   *     from a local folder
   */
  InputStream open(String name, String expected) throws IOException;

  /**
   * Reads a file.
   *
   * @param expected a description of the expected file
   * @throws IOException in one line that names the file
   */
  default <T> T read(String name, String expected, IOFunction<InputStream, T> content)
      throws IOException {
    try (InputStream in = open(name, expected)) {
      return content.apply(in);
    } catch (IOException e) {
      throw new IOException(unreadable(display(name), e), e);
    }
  }

  /**
   * Reads a file of text.
   *
   * @param most the largest allowed number of bytes
   * @param parser takes the text
   * @throws IllegalArgumentException in one line that names the file, if it has more bytes, or the
   *     parser refuses it
   */
  default <T> T parse(String name, String expected, int most, Function<String, T> parser)
      throws IOException {
    byte[] text = read(name, expected, in -> in.readNBytes(most + 1));
    if (text.length > most) {
      throw new IllegalArgumentException(
          "%s has more than %d bytes, too many for %s".formatted(display(name), most, expected));
    }
    try {
      return parser.apply(new String(text, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(display(name) + " is " + e.getMessage(), e);
    }
  }

  /**
   * To be called before its files are read.
   *
   * @throws IllegalArgumentException if the folder is {@link #INCOMPLETE}
   */
  default void requireComplete() throws IOException {
    if (has(INCOMPLETE)) {
      throw new IllegalArgumentException(
          "%s is incomplete (%s lies in it): the job that wrote it was interrupted; run that job again"
              .formatted(display(), INCOMPLETE));
    }
  }

  /** The message for a failure of the file system. */
  static String unreadable(String what, IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return "Cannot read " + what + ": " + reason.lines().findFirst().orElse("");
  }

  /** A folder of Java's own file systems. */
  static StoredFolder of(Path folder) {
    return new StoredFolder() {

      @Override
      public String display() {
        return folder.toString();
      }

      @Override
      public String display(String name) {
        return folder.resolve(name).toString();
      }

      @Override
      public boolean has(String name) {
        return Files.exists(folder.resolve(name));
      }

      @Override
      public InputStream open(String name, String expected) throws IOException {
        try {
          return Files.newInputStream(folder.resolve(name));
        } catch (NoSuchFileException e) {
          throw new IllegalArgumentException(
              "there is no " + display(name) + "; expected " + expected, e);
        }
      }
    };
  }
}
