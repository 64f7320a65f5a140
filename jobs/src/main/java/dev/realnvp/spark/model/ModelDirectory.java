package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.spark.data.AtomicOutput;
import dev.realnvp.spark.data.Existing;
import dev.realnvp.spark.data.IncompleteFolder;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Location;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A model on a Hadoop file system: a folder with {@code model.zip} and {@code manifest.json}. */
public final class ModelDirectory {

  private static final String MODEL = "model.zip";
  private static final String MANIFEST = "manifest.json";

  private ModelDirectory() {}

  /** Writes both files, or nothing. */
  public static void write(
      Configuration hadoop,
      String directory,
      Existing existing,
      MultiLayerNetwork network,
      Manifest manifest)
      throws IOException {
    AtomicOutput.write(
        hadoop,
        directory,
        existing,
        temporary -> {
          FileSystem files = new Path(temporary).getFileSystem(hadoop);
          try (OutputStream out = files.create(new Path(temporary, MODEL))) {
            ModelStore.write(network, out);
          }
          try (OutputStream out = files.create(new Path(temporary, MANIFEST))) {
            out.write(manifest.toJson().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /**
   * Reads a model, without its updater's state.
   *
   * @param kind what it has to be, as its manifest says
   * @throws InvalidInputException if it is not there, is incomplete, cannot be read, or is of
   *     another kind
   */
  public static StoredModel read(Configuration hadoop, String directory, String kind)
      throws IOException {
    IncompleteFolder.refuse(Location.of(hadoop, directory));
    Path model = new Path(directory, MODEL);
    Path described = new Path(directory, MANIFEST);
    Manifest manifest = manifest(hadoop, described);
    if (!manifest.kind().equals(kind)) {
      throw new InvalidInputException(
          directory + " holds a model of kind " + manifest.kind() + "; expected " + kind);
    }
    byte[] zip = bytes(hadoop, model);
    try {
      return new StoredModel(ModelStore.readForInference(new ByteArrayInputStream(zip)), manifest);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(model + " is " + e.getMessage(), e);
    }
  }

  /**
   * Reads a model's manifest alone; empty where there is none.
   *
   * @throws InvalidInputException if it is not a manifest, or the model is incomplete
   */
  public static Optional<Manifest> manifest(Configuration hadoop, String directory)
      throws IOException {
    IncompleteFolder.refuse(Location.of(hadoop, directory));
    Path path = new Path(directory, MANIFEST);
    return path.getFileSystem(hadoop).exists(path)
        ? Optional.of(manifest(hadoop, path))
        : Optional.empty();
  }

  private static Manifest manifest(Configuration hadoop, Path path) throws IOException {
    String json = new String(bytes(hadoop, path), StandardCharsets.UTF_8);
    try {
      return Manifest.fromJson(json);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(path + " is " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Configuration hadoop, Path path) throws IOException {
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          "there is no " + path + "; expected a trained model there", e);
    }
  }
}
