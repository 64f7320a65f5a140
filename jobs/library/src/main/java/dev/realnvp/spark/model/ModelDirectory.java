package dev.realnvp.spark.model;

import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.exchange.Npz;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.Reference;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.function.IOConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SaveMode;

/** A {@link StoredModel} on a Hadoop file system. */
public final class ModelDirectory {

  /** The kinds of models of images in manifests. */
  public static final String AUTOENCODER = "autoencoder";

  public static final String CLASSIFIER = "classifier";

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
      IOConsumer<String> beside)
      throws IOException {
    AtomicOutput.write(
        hadoop,
        directory,
        existing,
        model.manifest().kind(),
        temporary -> {
          String sum =
              write(
                  hadoop,
                  temporary,
                  StoredModel.MODEL,
                  out -> ModelStore.write(model.network(), out));
          String calibration = model.calibration().map(Calibration::toJson).orElse(null);
          String reference = model.reference().map(Reference::toJson).orElse(null);
          Manifest manifest =
              model
                  .manifest()
                  .edit()
                  .sums(
                      sum,
                      write(hadoop, temporary, StoredModel.CALIBRATION, calibration),
                      write(hadoop, temporary, StoredModel.REFERENCE, reference))
                  .build();
          beside.accept(temporary);
          write(hadoop, temporary, StoredModel.MANIFEST, text(manifest.toJson()));
        });
  }

  private static IOConsumer<OutputStream> text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file of text, and returns its sum; null for null. */
  private static String write(Configuration hadoop, String folder, String name, String text)
      throws IOException {
    return text == null ? null : write(hadoop, folder, name, text(text));
  }

  /** Writes a file, and returns its SHA-256 sum. */
  private static String write(
      Configuration hadoop, String folder, String name, IOConsumer<OutputStream> content)
      throws IOException {
    Path path = new Path(folder, name);
    MessageDigest sum = DigestUtils.getSha256Digest();
    try (OutputStream out = path.getFileSystem(hadoop).create(path);
        OutputStream summed = new DigestOutputStream(out, sum)) {
      content.accept(summed);
    }
    return HexFormat.of().formatHex(sum.digest());
  }

  /**
   * Reads a model, without its updater's state; see {@link StoredModel#read}.
   *
   * @param kind the kind that its manifest must have
   * @throws InvalidInputException if it does not exist, is incomplete, cannot be read, has another
   *     kind, or does not match its manifest
   */
  public static StoredModel read(Configuration hadoop, String directory, String kind) {
    try {
      return StoredModel.read(Location.of(hadoop, directory), kind);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  /**
   * Reads a flow that is a file of NumPy arrays; see {@link FlowArrays}.
   *
   * @param kind the kind that its manifest must have
   * @throws InvalidInputException if it does not exist, is not such a file, or has another kind
   */
  public static FlowArrays.Described readArrays(Configuration hadoop, String name, String kind) {
    Location file = Location.of(hadoop, name);
    FlowArrays.Described model;
    try (InputStream in = file.open("a file of NumPy arrays")) {
      model =
          FlowArrays.toFlow(Npz.read(in, file.fileSystem().getFileStatus(file.path()).getLen()));
    } catch (IOException e) {
      throw file.unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "cannot import %s: %s".formatted(file.display(), e.getMessage()), e);
    }
    if (!model.manifest().kind().equals(kind)) {
      throw new InvalidInputException(
          "%s holds a model of kind %s; expected %s"
              .formatted(file.display(), model.manifest().kind(), kind));
    }
    return model;
  }
}
