package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.IncompleteFolder;
import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SaveMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A model on a Hadoop file system: a folder with {@code model.zip}, for a flow {@code
 * calibration.json}, and {@code manifest.json} with the SHA-256 sums of the other files.
 */
public final class ModelDirectory {

  private static final String MODEL = "model.zip";
  private static final String CALIBRATION = "calibration.json";

  /** Distributions over each of 100,000 classes have 20 MB. */
  private static final int MOST_CALIBRATION_BYTES = 64 << 20;

  /** The digits of a sum in a message: enough to distinguish two. */
  private static final int SHOWN_CHARACTERS = 19;

  private ModelDirectory() {}

  /** Writes all of a model's files, or nothing. */
  public static void write(
      Configuration hadoop, String directory, SaveMode existing, StoredModel model)
      throws IOException {
    write(hadoop, directory, existing, model, temporary -> {});
  }

  /**
   * Writes all of a model's files and additional files, or nothing.
   *
   * @param beside adds its files to the model's
   */
  public static void write(
      Configuration hadoop,
      String directory,
      SaveMode existing,
      StoredModel model,
      AtomicOutput.Writer beside)
      throws IOException {
    AtomicOutput.write(
        hadoop,
        directory,
        existing,
        temporary -> {
          String sum =
              write(hadoop, temporary, MODEL, out -> ModelStore.write(model.network(), out));
          String calibrationSum = null;
          if (model.calibration().isPresent()) {
            calibrationSum =
                write(hadoop, temporary, CALIBRATION, text(model.calibration().get().toJson()));
          }
          Manifest manifest = model.manifest().edit().sums(sum, calibrationSum).build();
          beside.write(temporary);
          write(hadoop, temporary, Manifests.MODEL, text(manifest.toJson()));
        });
  }

  /** The content of a file. */
  @FunctionalInterface
  private interface Content {

    void write(OutputStream out) throws IOException;
  }

  private static Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file, and returns its SHA-256 sum. */
  private static String write(Configuration hadoop, String folder, String name, Content content)
      throws IOException {
    Path path = new Path(folder, name);
    MessageDigest sum = DigestUtils.getSha256Digest();
    try (OutputStream out = path.getFileSystem(hadoop).create(path);
        OutputStream summed = new DigestOutputStream(out, sum)) {
      content.write(summed);
    }
    return HexFormat.of().formatHex(sum.digest());
  }

  /**
   * Reads a model, without its updater's state. The manifest's sum is compared before the model's
   * file is parsed; manifests of older versions have no sum. The parameters' id is always compared.
   *
   * @param kind the kind that its manifest must have
   * @throws InvalidInputException if it does not exist, is incomplete, cannot be read, has another
   *     kind, or does not match its manifest
   */
  public static StoredModel read(Configuration hadoop, String directory, String kind) {
    Location folder = Location.of(hadoop, directory);
    Manifest manifest = manifest(folder);
    if (!manifest.kind().equals(kind)) {
      throw new InvalidInputException(
          folder.display() + " holds a model of kind " + manifest.kind() + "; expected " + kind);
    }
    Location file = folder.child(MODEL);
    if (manifest.sha256() != null) {
      requireSame(file, "SHA-256 sum", sum(file, "a trained model"), manifest.sha256());
    }
    MultiLayerNetwork network = network(file);
    requireSame(file, "parameters' id", ModelStore.id(network), manifest.id());
    return new StoredModel(network, manifest, calibration(folder, manifest));
  }

  private static Manifest manifest(Location folder) {
    try {
      IncompleteFolder.refuse(folder);
      return Manifests.read(folder.child(Manifests.MODEL));
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  /**
   * The calibration that the manifest knows of; one that another tool put there is not looked at.
   */
  private static Optional<Calibration> calibration(Location folder, Manifest manifest) {
    if (manifest.calibrationSha256() == null) {
      return Optional.empty();
    }
    Location file = folder.child(CALIBRATION);
    requireSame(file, "SHA-256 sum", sum(file, "a calibration"), manifest.calibrationSha256());
    String json = file.text("a calibration", MOST_CALIBRATION_BYTES);
    try {
      return Optional.of(Calibration.fromJson(json));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file.display() + " is " + e.getMessage(), e);
    }
  }

  private static void requireSame(Location file, String what, String got, String expected) {
    if (!got.equals(expected)) {
      throw new InvalidInputException(
          "%s does not match its manifest: the %s is %s, expected %s"
              .formatted(file.display(), what, shown(got), shown(expected)));
    }
  }

  private static String shown(String sum) {
    return StringUtils.abbreviate(sum, SHOWN_CHARACTERS);
  }

  private static MultiLayerNetwork network(Location file) {
    try (InputStream in = file.open("a trained model")) {
      return ModelStore.readForInference(in);
    } catch (IOException e) {
      throw file.unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file.display() + " is " + e.getMessage(), e);
    }
  }

  private static String sum(Location file, String expected) {
    try (InputStream in = file.open(expected)) {
      return DigestUtils.sha256Hex(in);
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }
}
