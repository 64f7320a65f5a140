package dev.realnvp.spark.preflight;

import dev.realnvp.spark.storage.Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Checks that inputs can be read: the first byte of a file, or of one file of a folder. A missing
 * input is not a finding, because the job itself says what it expected.
 */
final class InputCheck {

  private static final String SUBJECT = "input";

  private InputCheck() {}

  static List<Finding> of(Configuration hadoop, Collection<String> inputs) {
    return inputs.stream().distinct().flatMap(input -> of(hadoop, input).stream()).toList();
  }

  private static Optional<Finding> of(Configuration hadoop, String input) {
    try {
      Location location = Location.of(hadoop, input);
      read(location.fileSystem(), location.path());
      return Optional.of(Finding.ok(SUBJECT, location.display() + " can be read"));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException | FSError e) {
      // Hadoop throws the last one for errors of a local disk.
      return Optional.of(
          Finding.error(
              SUBJECT,
              "cannot read "
                  + input
                  + " ("
                  + Reason.of(e)
                  + "): check permissions, credentials, and the jars of its file system",
              e));
    }
  }

  private static void read(FileSystem files, Path path) throws IOException {
    FileStatus status = files.getFileStatus(path);
    if (status.isFile()) {
      readByte(files, path);
      return;
    }
    RemoteIterator<LocatedFileStatus> all = files.listFiles(path, true);
    if (all.hasNext()) {
      readByte(files, all.next().getPath());
    }
  }

  private static void readByte(FileSystem files, Path file) throws IOException {
    try (InputStream in = files.open(file)) {
      in.read();
    }
  }
}
