package dev.realnvp.spark.images;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The files that images are read from: their folder, and whether they are still the same. */
public final class SourceFiles {
  private SourceFiles() {}

  /**
   * A folder of images.
   *
   * @throws InvalidInputException if it does not exist, or is not a folder
   */
  static Location folder(Configuration hadoop, String name) {
    Location location = Location.of(hadoop, name);
    try {
      if (!location.exists()) {
        throw new InvalidInputException("Folder " + location.display() + " does not exist");
      }
      if (!location.isDirectory()) {
        throw new InvalidInputException(
            location.display() + " is a file: expected a folder with IDX files or PNGs by class");
      }
      return location;
    } catch (IOException e) {
      throw location.unreadable(e);
    }
  }

  /**
   * A fingerprint of a folder's files: 32 hex digits. It depends on the names and contents of IDX
   * files, or on the names, lengths and times of PNGs, which are too many to read. It does not
   * depend on the folder's place.
   *
   * @param name a path or Hadoop URI
   * @throws InvalidInputException if it is missing, or holds neither IDX files nor PNGs by class
   */
  public static String fingerprint(Configuration hadoop, String name) {
    Location folder = folder(hadoop, name);
    List<Location> idx = IdxReader.files(folder);
    try (DigestOutputStream digest =
        new DigestOutputStream(OutputStream.nullOutputStream(), DigestUtils.getSha256Digest())) {
      for (Location file : idx) {
        line(digest, file.path().getName(), file.fileSystem().getFileStatus(file.path()).getLen());
        try (InputStream in = file.fileSystem().open(file.path())) {
          in.transferTo(digest);
        }
      }
      if (idx.isEmpty()) {
        URI base = folder.path().toUri();
        for (PngFiles.Entry png : PngFiles.list(folder).entries()) {
          line(digest, base.relativize(new Path(png.file()).toUri()), png.bytes(), png.modified());
        }
      }
      return HexFormat.of().formatHex(Arrays.copyOf(digest.getMessageDigest().digest(), 16));
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  private static void line(OutputStream out, Object... words) throws IOException {
    out.write((Arrays.toString(words) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
