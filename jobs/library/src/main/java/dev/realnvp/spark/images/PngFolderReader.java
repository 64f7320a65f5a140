package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Reads a folder of PNGs by class: {@code {train,test}/CLASS/*.png}, or {@code CLASS/*.png}, which
 * is split six to one by a hash of the file's name. Tasks read the files; the driver only lists
 * them.
 */
final class PngFolderReader {
  /** The limit of a file's bytes: the size of the largest image that {@link PngImage} accepts. */
  private static final int MOST_BYTES = 1 << 27;

  private PngFolderReader() {}

  /**
   * Opens the folder and decodes every PNG once, in tasks, to check it.
   *
   * @throws InvalidInputException if there are none, a split has none, a PNG is damaged, or they
   *     differ in shape
   */
  static ImageSource read(JavaSparkContext spark, Location folder) {
    PngFiles files = PngFiles.list(folder);
    Configuration hadoop = spark.hadoopConfiguration();
    PngFiles.Entry first = files.entries().get(0);
    ImageShape layout = PngImage.decode(first.name(), bytes(hadoop, first)).layout();
    SerializableConfiguration settings = new SerializableConfiguration(hadoop);
    long count = files.entries().size();
    long fileRows = ImagesWriter.fileRows(spark, count, layout);
    JavaRDD<PngFiles.Entry> entries =
        spark.parallelize(files.entries(), (int) ((count + fileRows - 1) / fileRows));
    check(entries, settings, first.name(), layout);
    return new ImageSource(
        entries.map(entry -> row(settings.value(), entry, layout)),
        count,
        layout,
        files.classNames(),
        "PNGs of %s in %s"
            .formatted(
                files.classNames().size() == 1 ? "1 class" : files.classNames().size() + " classes",
                folder.display()));
  }

  private static void check(
      JavaRDD<PngFiles.Entry> entries,
      SerializableConfiguration settings,
      String firstName,
      ImageShape layout) {
    // Failures are returned as values, because a task that throws is run again, and logged as an
    // error. Each task returns its first one.
    List<String> complaints =
        entries
            .mapPartitions(
                some -> {
                  while (some.hasNext()) {
                    String complaint = complaint(settings.value(), some.next(), firstName, layout);
                    if (complaint != null) {
                      return List.of(complaint).iterator();
                    }
                  }
                  return Collections.emptyIterator();
                })
            .collect();
    if (!complaints.isEmpty()) {
      throw new InvalidInputException(complaints.get(0));
    }
  }

  /** What is wrong with a file; null for nothing. */
  private static String complaint(
      Configuration hadoop, PngFiles.Entry entry, String firstName, ImageShape expected) {
    try {
      byte[] png = bytes(hadoop, entry);
      // The size first: an image of a wrong size may be too large to decode.
      PngImage.Size size = PngImage.size(entry.name(), png);
      String got = size.toString();
      if (size.height() == expected.height() && size.width() == expected.width()) {
        ImageShape layout = PngImage.decode(entry.name(), png).layout();
        if (layout.equals(expected)) {
          return null;
        }
        got = layout.toString();
      }
      return "%s is %s, expected %s (height x width x channels) as %s"
          .formatted(entry.name(), got, expected, firstName);
    } catch (InvalidInputException e) {
      return e.getMessage();
    }
  }

  private static Row row(Configuration hadoop, PngFiles.Entry entry, ImageShape layout) {
    byte[] pixels = PngImage.decode(entry.name(), bytes(hadoop, entry)).pixels();
    return RowFactory.create(
        entry.id(),
        entry.split(),
        entry.label(),
        layout.height(),
        layout.width(),
        layout.channels(),
        pixels);
  }

  private static byte[] bytes(Configuration hadoop, PngFiles.Entry entry) {
    Location file = Location.of(hadoop, entry.file());
    try (InputStream in = file.fileSystem().open(file.path())) {
      byte[] png = in.readNBytes(MOST_BYTES);
      if (in.read() >= 0) {
        throw new InvalidInputException(
            entry.name() + " has more than " + MOST_BYTES + " bytes, too many for a PNG");
      }
      return png;
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read " + entry.name() + ": " + e.getMessage(), e);
    }
  }
}
