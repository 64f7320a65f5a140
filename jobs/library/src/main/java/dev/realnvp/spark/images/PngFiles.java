package dev.realnvp.spark.images;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.io.Serializable;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.hadoop.fs.FileStatus;

/**
 * The PNGs of a folder, listed: first the training ones, then the others, each by class and file
 * name.
 *
 * @param entries the files
 * @param classNames the name of each label, sorted: by value if all are numbers, else as text
 */
record PngFiles(List<Entry> entries, List<String> classNames) {
  /** One file of so many is for testing, if the folder does not define the split. */
  private static final int TEST_SHARE = 7;

  /**
   * One PNG.
   *
   * @param id its place in the list, from 0
   * @param file its Hadoop URI
   * @param name its name in messages
   * @param split {@code train} or {@code test}
   * @param label the index of its class
   * @param bytes its length
   * @param modified the time of its last change, in milliseconds since 1970
   */
  record Entry(
      long id, String file, String name, String split, int label, long bytes, long modified)
      implements Serializable {}

  private record Found(FileStatus file, String split, String className) {
    String fileName() {
      return file.getPath().getName();
    }
  }

  /**
   * Lists a folder. Files that are not PNGs are ignored, and so are names that start with a dot or
   * an underscore.
   *
   * @throws InvalidInputException if there is no PNG, or none for one of the splits
   */
  static PngFiles list(Location folder) {
    try {
      List<Found> found = find(folder);
      if (found.isEmpty()) {
        throw new InvalidInputException(
            folder.display()
                + " holds neither IDX files (train-images-idx3-ubyte and so on, or .gz) nor PNGs by"
                + " class ({train,test}/CLASS/*.png or CLASS/*.png)");
      }
      for (String split : List.of(Split.TRAIN, Split.TEST)) {
        if (found.stream().noneMatch(png -> png.split.equals(split))) {
          throw new InvalidInputException(
              "%s holds %s, but none for the split '%s'"
                  .formatted(folder.display(), Text.count(found.size(), "PNG"), split));
        }
      }
      List<String> classNames = sorted(found.stream().map(Found::className).distinct().toList());
      return new PngFiles(number(found, classNames), classNames);
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  private static List<Found> find(Location folder) throws IOException {
    List<Found> found = new ArrayList<>();
    Location train = folder.child(Split.TRAIN);
    Location test = folder.child(Split.TEST);
    if (train.isDirectory() && test.isDirectory()) {
      addClasses(found, train, Split.TRAIN);
      addClasses(found, test, Split.TEST);
    } else {
      addClasses(found, folder, null);
    }
    return found;
  }

  private static void addClasses(List<Found> found, Location folder, String split)
      throws IOException {
    for (FileStatus classFolder : visible(folder)) {
      if (classFolder.isDirectory()) {
        String className = classFolder.getPath().getName();
        for (FileStatus png : visible(new Location(folder.fileSystem(), classFolder.getPath()))) {
          String name = png.getPath().getName();
          if (png.isFile() && name.toLowerCase(Locale.ROOT).endsWith(".png")) {
            found.add(new Found(png, split == null ? splitOf(name) : split, className));
          }
        }
      }
    }
  }

  private static List<FileStatus> visible(Location folder) throws IOException {
    return Stream.of(folder.fileSystem().listStatus(folder.path()))
        .filter(status -> !ParquetFiles.isHidden(status.getPath()))
        .toList();
  }

  /** One name in seven is for testing; the same name always falls in the same split. */
  private static String splitOf(String fileName) {
    CRC32 hash = new CRC32();
    hash.update(fileName.getBytes(StandardCharsets.UTF_8));
    return hash.getValue() % TEST_SHARE == 0 ? Split.TEST : Split.TRAIN;
  }

  private static List<String> sorted(List<String> names) {
    Comparator<String> text = Comparator.naturalOrder();
    return names.stream().allMatch(name -> name.matches("[0-9]+"))
        ? names.stream()
            .sorted(Comparator.comparing((String name) -> new BigInteger(name)).thenComparing(text))
            .toList()
        : names.stream().sorted().toList();
  }

  private static List<Entry> number(List<Found> found, List<String> classNames) {
    Map<String, Integer> labels = new HashMap<>();
    for (String className : classNames) {
      labels.put(className, labels.size());
    }
    List<Found> inOrder =
        found.stream()
            .sorted(
                Comparator.comparing(Found::split, Comparator.reverseOrder())
                    .thenComparing(png -> labels.get(png.className))
                    .thenComparing(Found::fileName))
            .toList();
    List<Entry> entries = new ArrayList<>(inOrder.size());
    for (Found png : inOrder) {
      entries.add(
          new Entry(
              entries.size(),
              png.file.getPath().toString(),
              Location.display(png.file.getPath()),
              png.split,
              labels.get(png.className),
              png.file.getLen(),
              png.file.getModificationTime()));
    }
    return entries;
  }
}
