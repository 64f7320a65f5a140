package dev.realnvp.model;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Saves and loads networks in DL4J's format, the updater's state included. */
public final class ModelStore {

  private static final int ID_BYTES = 8;

  private ModelStore() {}

  /** Writes a network; the stream stays open. */
  public static void write(MultiLayerNetwork network, OutputStream out) throws IOException {
    ModelSerializer.writeModel(network, out, true);
  }

  /**
   * Reads a network, with its updater's state if that was written; the stream stays open.
   *
   * @throws IllegalArgumentException if the bytes are no saved network
   */
  public static MultiLayerNetwork read(InputStream in) throws IOException {
    return read(in, true);
  }

  /**
   * As {@link #read(InputStream)}, but leaves the updater's state: enough for anything but more
   * training.
   */
  public static MultiLayerNetwork readForInference(InputStream in) throws IOException {
    return read(in, false);
  }

  private static MultiLayerNetwork read(InputStream in, boolean updater) throws IOException {
    // Out of memory, because DL4J refuses streams whose available() is 0, as remote ones' often is.
    byte[] bytes = in.readAllBytes();
    try {
      return ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(bytes), updater);
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "not a network that DL4J saved (%d bytes): %s".formatted(bytes.length, e.getMessage()),
          e);
    }
  }

  /**
   * A model's name by its content: the first 16 hex digits of the SHA-256 of its parameters, in
   * their order, each as a big-endian float. Equal parameters have equal names.
   */
  public static String id(MultiLayerNetwork network) {
    INDArray parameters = network.params().castTo(DataType.FLOAT);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(4 * parameters.length()));
    bytes.asFloatBuffer().put(parameters.data().asNioFloat());
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
