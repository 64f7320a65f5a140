package dev.realnvp.jobs.bench;

import dev.realnvp.spark.failure.InvalidInputException;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Rows of which it is known whether they are anomalies.
 *
 * @param name of the table
 * @param normal the features of each normal row
 * @param anomalous the features of each anomaly
 */
record AnomalyTable(String name, List<float[]> normal, List<float[]> anomalous) {

  private static final String CSV = ".csv";
  private static final String GZIP = ".gz";

  /** The fewest normal rows: two in each half. */
  private static final int FEWEST_NORMAL = 4;

  /** Which rows a detector learns from, and which it scores. */
  enum Setting {
    /** It learns from all rows and scores all: anomalies are among those that it learns from. */
    UNSUPERVISED,

    /** It learns from half of the normal rows, chosen by the seed, and scores all others. */
    ONE_CLASS;

    /** As the names of lines end. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Rows to learn from, and rows to score.
   *
   * @param train to learn from
   * @param test to score
   */
  record Parts(List<float[]> train, AnomalyTable test) {}

  Parts parts(Setting setting, long seed) {
    if (setting == Setting.UNSUPERVISED) {
      List<float[]> all = new ArrayList<>(normal);
      all.addAll(anomalous);
      return new Parts(all, this);
    }
    List<float[]> shuffled = new ArrayList<>(normal);
    Collections.shuffle(shuffled, new Random(seed));
    int half = shuffled.size() / 2;
    return new Parts(
        shuffled.subList(0, half),
        new AnomalyTable(name, shuffled.subList(half, shuffled.size()), anomalous));
  }

  /**
   * Reads all files {@code NAME.csv} and {@code NAME.csv.gz} of a folder, in the order of their
   * names. A line is a row: its features, then 1 for an anomaly or 0 for a normal row.
   *
   * @throws InvalidInputException if there is no such folder or file, or a file is not like that
   */
  static List<AnomalyTable> readAll(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw wrong("--tables", folder.toString(), "a folder");
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> isCsv(file.getFileName().toString())).sorted().toList();
    }
    if (files.isEmpty()) {
      throw new InvalidInputException(
          "--tables: %s has no file NAME.csv or NAME.csv.gz".formatted(folder));
    }
    List<AnomalyTable> tables = new ArrayList<>();
    for (Path file : files) {
      tables.add(read(file));
    }
    return tables;
  }

  private static boolean isCsv(String name) {
    return name.endsWith(CSV) || name.endsWith(CSV + GZIP);
  }

  private static AnomalyTable read(Path file) throws IOException {
    String name = file.getFileName().toString();
    AnomalyTable table =
        new AnomalyTable(
            name.substring(0, name.lastIndexOf(CSV)), new ArrayList<>(), new ArrayList<>());
    try (InputStream bytes = Files.newInputStream(file);
        InputStream unpacked = name.endsWith(GZIP) ? new GZIPInputStream(bytes) : bytes;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(unpacked, StandardCharsets.UTF_8))) {
      int features = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        float[] values = values(line);
        features = features == 0 ? Math.max(2, values.length - 1) : features;
        float label = values.length == features + 1 ? values[features] : Float.NaN;
        if (label != 0 && label != 1) {
          throw wrong(
              file.toString(),
              "line " + line,
              features + " finite features, then 1 for an anomaly or 0 for a normal row");
        }
        (label == 1 ? table.anomalous : table.normal).add(Arrays.copyOf(values, features));
      }
    } catch (ZipException | EOFException e) {
      throw new InvalidInputException(file + " is no gzip file, or a damaged one", e);
    }
    if (table.normal.size() < FEWEST_NORMAL || table.anomalous.isEmpty()) {
      throw wrong(
          file.toString(),
          "%d normal rows and %d anomalies".formatted(table.normal.size(), table.anomalous.size()),
          "at least %d and 1".formatted(FEWEST_NORMAL));
    }
    return table;
  }

  /** The numbers of a line; none if one of them is not finite. */
  private static float[] values(String line) {
    String[] words = line.split(",", -1);
    float[] values = new float[words.length];
    for (int j = 0; j < values.length; j++) {
      try {
        values[j] = Float.parseFloat(words[j]);
      } catch (NumberFormatException e) {
        values[j] = Float.NaN;
      }
      if (!Float.isFinite(values[j])) {
        return new float[0];
      }
    }
    return values;
  }

  private static InvalidInputException wrong(String place, String got, String expected) {
    return new InvalidInputException("%s: got %s, expected %s".formatted(place, got, expected));
  }
}
