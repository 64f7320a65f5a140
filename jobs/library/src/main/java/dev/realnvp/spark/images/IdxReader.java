package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.table.Split;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads a folder with the four files of MNIST: images and labels, for training and for testing, in
 * IDX format. Tasks read them, one range of rows each. A packed file is one range, because it can
 * only be read from its start.
 */
final class IdxReader {
  private IdxReader() {}

  private record Pair(IdxFile images, IdxFile labels) implements Serializable {}

  /** The work of a task: rows of a pair, starting with the id {@code from + firstId}. */
  private record Range(Pair pair, String split, int from, int to, long firstId)
      implements Serializable {}

  /** The files of the four that the folder has. */
  static List<Location> files(Location folder) {
    return Stream.of("train", "t10k")
        .flatMap(
            prefix ->
                Stream.of(find(folder, prefix, "images", 3), find(folder, prefix, "labels", 1)))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Opens the folder and checks all four files.
   *
   * @throws InvalidInputException if a file is missing or wrong, or they do not fit together
   */
  static ImageSource read(JavaSparkContext spark, Location folder) {
    Configuration hadoop = spark.hadoopConfiguration();
    Pair train = pair(hadoop, folder, "train");
    Pair test = pair(hadoop, folder, "t10k");
    SerializableConfiguration settings = new SerializableConfiguration(hadoop);
    ImageShape layout = layout(train.images);
    if (!layout.equals(layout(test.images))) {
      throw new InvalidInputException(
          "%s holds images of %d x %d, but %s of %d x %d"
              .formatted(
                  train.images.name(),
                  layout.height(),
                  layout.width(),
                  test.images.name(),
                  layout(test.images).height(),
                  layout(test.images).width()));
    }
    long count = (long) train.images.rows() + test.images.rows();
    long rangeRows = ImagesWriter.fileRows(spark, count, layout);
    List<Range> ranges = new ArrayList<>();
    addRanges(ranges, train, Split.TRAIN, 0, rangeRows);
    addRanges(ranges, test, Split.TEST, train.images.rows(), rangeRows);
    return new ImageSource(
        spark
            .parallelize(ranges, ranges.size())
            .flatMap(range -> rows(settings.value(), range, layout)),
        count,
        layout,
        List.of(),
        "IDX files in " + folder.display());
  }

  private static ImageShape layout(IdxFile images) {
    return new ImageShape(images.dimensions()[1], images.dimensions()[2], 1);
  }

  private static void addRanges(
      List<Range> ranges, Pair pair, String split, long firstId, long rangeRows) {
    boolean packed = pair.images.packed() || pair.labels.packed();
    int rows = pair.images.rows();
    long step = packed ? rows : rangeRows;
    for (long from = 0; from < rows; from += step) {
      ranges.add(new Range(pair, split, (int) from, (int) Math.min(rows, from + step), firstId));
    }
  }

  private static Pair pair(Configuration hadoop, Location folder, String prefix) {
    IdxFile images = open(hadoop, folder, prefix, "images", 3);
    IdxFile labels = open(hadoop, folder, prefix, "labels", 1);
    if (images.rows() != labels.rows()) {
      throw new InvalidInputException(
          "%s holds %s, but %s holds %s"
              .formatted(
                  images.name(),
                  Text.count(images.rows(), "image"),
                  labels.name(),
                  Text.count(labels.rows(), "label")));
    }
    return new Pair(images, labels);
  }

  private static IdxFile open(
      Configuration hadoop, Location folder, String prefix, String kind, int rank) {
    Location file =
        find(folder, prefix, kind, rank)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s has no %s-%s-idx%d-ubyte (or .gz), only others of the four IDX files"
                            .formatted(folder.display(), prefix, kind, rank)));
    return IdxFile.open(hadoop, file, rank);
  }

  private static Optional<Location> find(Location folder, String prefix, String kind, int rank) {
    try {
      for (String separator : List.of("-", ".")) {
        for (String ending : List.of("", ".gz")) {
          Location file =
              folder.child(prefix + "-" + kind + separator + "idx" + rank + "-ubyte" + ending);
          if (file.exists() && !file.isDirectory()) {
            return Optional.of(file);
          }
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  private static Iterator<Row> rows(Configuration hadoop, Range range, ImageShape layout)
      throws IOException {
    DataInputStream images = range.pair.images.rowsFrom(hadoop, range.from);
    DataInputStream labels = range.pair.labels.rowsFrom(hadoop, range.from);
    TaskContext.get()
        .addTaskCompletionListener(
            (TaskCompletionListener) context -> IOUtils.closeQuietly(images, labels));
    return IntStream.range(range.from, range.to)
        .mapToObj(i -> row(images, labels, range, i, layout))
        .iterator();
  }

  /** The next row of the two files, which has that place in them. */
  private static Row row(
      DataInputStream images, DataInputStream labels, Range range, int place, ImageShape layout) {
    try {
      byte[] pixels = new byte[layout.size()];
      images.readFully(pixels);
      return RowFactory.create(
          range.firstId + place,
          range.split,
          labels.readUnsignedByte(),
          layout.height(),
          layout.width(),
          layout.channels(),
          pixels);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
