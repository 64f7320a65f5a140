package dev.realnvp.stored;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.Reference;
import dev.realnvp.scores.Temperature;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A model that is stored as a folder with {@code model.zip}, for a flow {@code calibration.json}
 * and {@code reference.json}, and {@code manifest.json} with the SHA-256 sums of the other files.
 *
 * @param network without its updater's state
 * @param manifest of the model
 * @param calibration the distribution of its scores, if it is a calibrated flow
 * @param reference the rows to compare others with, if it is a flow that has some
 */
public record StoredModel(
    MultiLayerNetwork network,
    Manifest manifest,
    Optional<Calibration> calibration,
    Optional<Reference> reference) {

  /** Without a reference. */
  public StoredModel(
      MultiLayerNetwork network, Manifest manifest, Optional<Calibration> calibration) {
    this(network, manifest, calibration, Optional.empty());
  }

  /** The network's file. */
  public static final String MODEL = "model.zip";

  /** The calibration's. */
  public static final String CALIBRATION = "calibration.json";

  /** The reference's. */
  public static final String REFERENCE = "reference.json";

  /** The manifest's. */
  public static final String MANIFEST = "manifest.json";

  private static final String EXPECTED = "a trained model";

  /** The history of 10,000 epochs and the counts of 100,000 classes have 4 MB. */
  public static final int MOST_MANIFEST_BYTES = 16 << 20;

  /** Distributions over each of 100,000 classes have 20 MB. */
  private static final int MOST_BYTES = 64 << 20;

  /** The digits of a sum in a message: enough to distinguish two. */
  private static final int SHOWN_DIGITS = 16;

  /**
   * Reads a model. The manifest's sum, if it has one, is compared before the model's file is
   * parsed. The parameters' id is always compared.
   *
   * @param kind the kind that its manifest must have
   * @throws IllegalArgumentException in one line, if it does not exist, is incomplete, has another
   *     kind, or does not match its manifest
   * @throws IOException in one line, if a file cannot be read
   */
  public static StoredModel read(StoredFolder folder, String kind) throws IOException {
    folder.requireComplete();
    Manifest manifest = manifest(folder, MANIFEST);
    if (!manifest.kind().equals(kind)) {
      throw new IllegalArgumentException(
          folder.display() + " holds a model of kind " + manifest.kind() + "; expected " + kind);
    }
    if (manifest.sha256() != null) {
      requireSum(folder, MODEL, EXPECTED, manifest.sha256());
    }
    MultiLayerNetwork network = folder.read(MODEL, EXPECTED, in -> network(folder, in));
    requireSame(folder, MODEL, "parameters' id", ModelStore.id(network), manifest.id());
    return new StoredModel(
        network,
        manifest,
        file(folder, CALIBRATION, manifest.calibrationSha256(), Calibration::fromJson),
        file(folder, REFERENCE, manifest.referenceSha256(), Reference::fromJson));
  }

  /** The temperature of a flow's posteriors; 1 if its calibration has none. */
  public double temperature() {
    return calibration.map(Calibration::temperature).map(Temperature::value).orElse(1.0);
  }

  /**
   * Reads a manifest, of a model or of something else.
   *
   * @param name the file's
   * @throws IllegalArgumentException in one line, if it is not there or is none
   */
  public static Manifest manifest(StoredFolder folder, String name) throws IOException {
    return folder.parse(name, "a manifest", MOST_MANIFEST_BYTES, Manifest::fromJson);
  }

  /** A file that the manifest knows of; one that another tool put there is not looked at. */
  private static <T> Optional<T> file(
      StoredFolder folder, String name, String sum, Function<String, T> parser) throws IOException {
    if (sum == null) {
      return Optional.empty();
    }
    String expected = "a " + name.replace(".json", "");
    requireSum(folder, name, expected, sum);
    return Optional.of(folder.parse(name, expected, MOST_BYTES, parser));
  }

  private static MultiLayerNetwork network(StoredFolder folder, InputStream in) throws IOException {
    try {
      return ModelStore.readForInference(in);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(folder.display(MODEL) + " is " + e.getMessage(), e);
    }
  }

  private static void requireSum(StoredFolder folder, String name, String what, String expected)
      throws IOException {
    requireSame(folder, name, "SHA-256 sum", folder.read(name, what, ModelStore::sum), expected);
  }

  private static void requireSame(
      StoredFolder folder, String name, String what, String got, String expected) {
    if (!got.equals(expected)) {
      throw new IllegalArgumentException(
          "%s does not match its manifest: the %s is %s, expected %s"
              .formatted(folder.display(name), what, shown(got), shown(expected)));
    }
  }

  private static String shown(String sum) {
    return sum.length() <= SHOWN_DIGITS ? sum : sum.substring(0, SHOWN_DIGITS) + "...";
  }
}
