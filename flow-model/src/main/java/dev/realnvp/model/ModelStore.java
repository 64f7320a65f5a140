package dev.realnvp.model;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Saves and loads networks in DL4J's format, including the updater's state. */
public final class ModelStore {

  private static final int ID_DIGITS = 16;

  /** The configuration of the default flow with 100,000 features has 12 MB. */
  private static final int MOST_CONFIGURATION_BYTES = 16 << 20;

  private ModelStore() {}

  /** Writes a network; the stream stays open. */
  public static void write(MultiLayerNetwork network, OutputStream out) throws IOException {
    ModelSerializer.writeModel(network, out, true);
  }

  /**
   * Reads a network, with its updater's state if it was written; the stream stays open.
   *
   * <p>The bytes are not trusted. Only classes of this project's own networks are instantiated, and
   * memory is allocated for what is really there and fits the configuration, not for what the bytes
   * claim. DL4J's own reader would instantiate any class, and deserialize any Java object.
   *
   * @throws IllegalArgumentException if the bytes are not a network of floats as {@link #write}
   *     saves it
   * @throws IOException if the stream fails
   */
  public static MultiLayerNetwork read(InputStream in) throws IOException {
    return read(in, true);
  }

  /**
   * As {@link #read(InputStream)}, but stops before the updater's state: enough for anything but
   * more training.
   */
  public static MultiLayerNetwork readForInference(InputStream in) throws IOException {
    return read(in, false);
  }

  private static MultiLayerNetwork read(InputStream in, boolean updater) throws IOException {
    try {
      ZipInputStream zip = new ZipInputStream(new BufferedInputStream(in));
      MultiLayerConfiguration configuration =
          ModelConfiguration.parse(
              required(zip, ModelSerializer.CONFIGURATION_JSON, MOST_CONFIGURATION_BYTES));
      long parameters = ModelConfiguration.parameters(configuration);
      byte[] values =
          required(zip, ModelSerializer.COEFFICIENTS_BIN, ParameterVector.bytes(parameters));
      MultiLayerNetwork network = new MultiLayerNetwork(configuration);
      network.init(
          ParameterVector.parse(ModelSerializer.COEFFICIENTS_BIN, values, parameters), false);
      if (updater) {
        readState(zip, network);
      }
      return network;
    } catch (ZipException | EOFException | RuntimeException e) {
      throw new IllegalArgumentException("not a network that DL4J saved: " + reason(e), e);
    }
  }

  private static void readState(ZipInputStream zip, MultiLayerNetwork network) throws IOException {
    INDArray fresh = network.getUpdater().getStateViewArray();
    long length = fresh == null ? 0 : fresh.length();
    byte[] state = entry(zip, ModelSerializer.UPDATER_BIN, ParameterVector.bytes(length));
    if (state != null) {
      ZipEntry another = zip.getNextEntry();
      if (another != null) {
        throw new ZipException("it goes on with " + shown(another) + ", expected its end");
      }
      network
          .getUpdater()
          .setStateViewArray(
              network, ParameterVector.parse(ModelSerializer.UPDATER_BIN, state, length), false);
    }
  }

  private static String reason(Exception e) {
    // Java's streams throw this for a truncated zip.
    return e.getMessage() == null ? "it is damaged" : e.getMessage().lines().findFirst().orElse("");
  }

  /**
   * A model's id, derived from its content: the first 16 hex digits of the SHA-256 of its
   * parameters, in their order, each as a big-endian float. Equal parameters have equal ids.
   */
  public static String id(MultiLayerNetwork network) {
    INDArray parameters = network.params().castTo(DataType.FLOAT);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(4 * parameters.length()));
    bytes.asFloatBuffer().put(parameters.data().asNioFloat());
    return DigestUtils.sha256Hex(bytes.array()).substring(0, ID_DIGITS);
  }

  /** The SHA-256 of all bytes of a stream, in hex; the stream stays open. */
  public static String sum(InputStream in) throws IOException {
    return DigestUtils.sha256Hex(in);
  }

  private static byte[] required(ZipInputStream zip, String name, int most) throws IOException {
    byte[] content = entry(zip, name, most);
    if (content == null) {
      throw new ZipException("it ends where " + name + " is expected");
    }
    return content;
  }

  /**
   * The next entry's content, after a check of its checksum. The sizes in the zip's own headers are
   * not trusted: bytes are counted.
   *
   * @param name the expected name
   * @param most the largest allowed number of unpacked bytes
   * @return null if there is none
   * @throws ZipException if it has another name, is too large, or is damaged
   */
  private static byte[] entry(ZipInputStream zip, String name, int most) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null) {
      return null;
    }
    if (!entry.getName().equals(name)) {
      throw new ZipException("it has " + shown(entry) + " where " + name + " is expected");
    }
    // Grows with the data that is there, whatever size it claims; the checksum is compared at the
    // end.
    byte[] content = zip.readNBytes(most);
    if (zip.read() >= 0) {
      throw new ZipException(name + " has more than " + most + " bytes, all that it may have");
    }
    return content;
  }

  private static String shown(ZipEntry entry) {
    return "an entry '" + entry.getName() + "'";
  }
}
