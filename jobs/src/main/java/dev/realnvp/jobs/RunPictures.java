package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.report.Part;
import dev.realnvp.jobs.report.RunFacts.Picture;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.neighbours.NearestDistances;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The pictures that a run's report shows: those that there always should be, and those that are
 * made where the settings ask for them.
 */
record RunPictures(SparkSession spark, Config config) {

  /**
   * Reads them.
   *
   * @throws IOException if the file system fails
   */
  List<Picture> read() throws IOException {
    List<Picture> pictures = new ArrayList<>();
    pictures.add(
        new Picture(
            "Samples",
            "Samples, one class per row, from the least likely to the most likely",
            List.of(),
            png(Pictures.GRID)));
    pictures.add(
        new Picture(
            "Reconstructions",
            "Test images, and below each row of them their reconstructions",
            List.of(),
            png(Pictures.RECONSTRUCTIONS)));
    if (isThere(SampleNeighbours.FOLDER)) {
      pictures.add(
          new Picture(
              "Nearest train images",
              "Samples, those that are nearest to a train image first, and below each row of them"
                  + " those images",
              closeness(),
              png(Pictures.NEIGHBOURS)));
    }
    if (isThere(Pictures.INTERPOLATION)) {
      pictures.add(
          new Picture(
              "Interpolation",
              "From one row to another through base space",
              List.of(),
              png(Pictures.INTERPOLATION)));
    }
    return pictures;
  }

  private List<String> closeness() throws IOException {
    try {
      return Inputs.reading(
              config,
              "paths.samples",
              () -> SampleNeighbours.read(spark, config.getString("paths.samples")))
          .map(NearestDistances::sentences)
          .orElse(List.of());
    } catch (InvalidInputException e) {
      return List.of(e.getMessage());
    }
  }

  private Part<byte[]> png(String name) throws IOException {
    Path path = place(name);
    try (InputStream in = files(path).open(path)) {
      return new Part.There<>(in.readAllBytes());
    } catch (FileNotFoundException e) {
      return new Part.Missing<>("Not there: no " + path + ".");
    } catch (ChecksumException e) {
      return new Part.Missing<>(e.getMessage());
    }
  }

  private boolean isThere(String name) throws IOException {
    Path path = place(name);
    return files(path).exists(path);
  }

  private Path place(String name) {
    return new Path(config.getString("paths.samples"), name);
  }

  private FileSystem files(Path path) throws IOException {
    return path.getFileSystem(spark.sparkContext().hadoopConfiguration());
  }
}
