package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.spark.data.AtomicOutput;
import dev.realnvp.spark.data.Existing;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Location;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A model on a Hadoop file system: a folder with {@code model.zip} and {@code manifest.json}, which
 * holds the other one's SHA-256 sum.
 */
public final class ModelDirectory {

  private static final String MODEL = "model.zip";
  private static final String MANIFEST = "manifest.json";

  /** Of a sum in a message: enough to tell two apart. */
  private static final int SHOWN_CHARACTERS = 19;

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
          MessageDigest sum = sha256();
          try (OutputStream out = files.create(new Path(temporary, MODEL));
              OutputStream summed = new DigestOutputStream(out, sum)) {
            ModelStore.write(network, summed);
          }
          Manifest summed = manifest.withSha256(hex(sum));
          try (OutputStream out = files.create(new Path(temporary, MANIFEST))) {
            out.write(summed.toJson().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /**
   * Reads a model, without its updater's state. The manifest's sum is compared before anything is
   * made of the model's file; one that was written before there were sums has none. The parameters'
   * id is compared in any case.
   *
   * @param kind what it has to be, as its manifest says
   * @throws InvalidInputException if it is not there, is incomplete, cannot be read, is of another
   *     kind, or is not what its manifest says
   */
  public static StoredModel read(Configuration hadoop, String directory, String kind) {
    Location folder = Location.of(hadoop, directory);
    Manifest manifest = ManifestFile.read(folder, MANIFEST);
    if (!manifest.kind().equals(kind)) {
      throw new InvalidInputException(
          folder.display() + " holds a model of kind " + manifest.kind() + "; expected " + kind);
    }
    Location file = folder.child(MODEL);
    if (manifest.sha256() != null) {
      requireSame(file, "SHA-256 sum", sum(file), manifest.sha256());
    }
    MultiLayerNetwork network = network(file);
    requireSame(file, "parameters' id", ModelStore.id(network), manifest.id());
    return new StoredModel(network, manifest);
  }

  /**
   * Reads a model's manifest alone; empty where there is none.
   *
   * @throws InvalidInputException if it cannot be read, is no manifest, or the model is incomplete
   */
  public static Optional<Manifest> manifest(Configuration hadoop, String directory) {
    return ManifestFile.readIfThere(Location.of(hadoop, directory), MANIFEST);
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
    try (InputStream in = StoredFile.open(file, "a trained model")) {
      return ModelStore.readForInference(in);
    } catch (IOException e) {
      throw file.unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(file.display() + " is " + e.getMessage(), e);
    }
  }

  private static String sum(Location file) {
    MessageDigest sum = sha256();
    try (InputStream in = new DigestInputStream(StoredFile.open(file, "a trained model"), sum)) {
      in.transferTo(OutputStream.nullOutputStream());
      return hex(sum);
    } catch (IOException e) {
      throw file.unreadable(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String hex(MessageDigest sum) {
    return HexFormat.of().formatHex(sum.digest());
  }
}
