package dev.realnvp.model;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A flat vector of floats in ND4J's binary format: the array's shape information, {@code [rank,
 * shape, strides, type, 1, order]} as longs, then its values. Each of the two starts with a name,
 * the number of elements, and their type; all numbers are big-endian.
 *
 * <p>ND4J's own reader allocates the memory that a header asks for, whatever follows it.
 */
final class ParameterVector {

  /** The size of the header before the values of a vector of rank 2, the largest one. */
  private static final int MOST_HEADER_BYTES = 128;

  /** Heap per value: the bytes, which are assembled from pieces, and the floats. */
  private static final int COPIES = 3;

  private ParameterVector() {}

  /**
   * The number of bytes that so many values may take.
   *
   * @throws IllegalArgumentException if they do not fit into this JVM's heap
   */
  static int bytes(long values) {
    long bytes = Math.addExact(Math.multiplyExact(values, Float.BYTES), MOST_HEADER_BYTES);
    long room = Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / COPIES);
    if (bytes > room) {
      throw new IllegalArgumentException(
          "%d values take more memory than the heap of %d MB has room for"
              .formatted(values, Runtime.getRuntime().maxMemory() >> 20));
    }
    return (int) bytes;
  }

  /**
   * Reads a vector.
   *
   * @param name its name in messages
   * @param content all of its bytes
   * @param values the expected number of values
   * @throws IllegalArgumentException if it is not such a vector
   */
  static INDArray parse(String name, byte[] content, long values) {
    ByteArrayInputStream bytes = new ByteArrayInputStream(content);
    try (DataInputStream in = new DataInputStream(bytes)) {
      requireShape(name, in, values);
      require(name, "values", values, header(in, "FLOAT"));
      require(name, "bytes of values", Float.BYTES * values, bytes.available());
    } catch (EOFException e) {
      throw new IllegalArgumentException(name + " ends inside its header", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(name + " is no vector of floats: " + e.getMessage(), e);
    }
    float[] floats = new float[(int) values];
    int header = content.length - Float.BYTES * floats.length;
    ByteBuffer.wrap(content, header, content.length - header).asFloatBuffer().get(floats);
    return Nd4j.create(floats);
  }

  private static void requireShape(String name, DataInputStream in, long values)
      throws IOException {
    long words = header(in, "LONG");
    long rank = in.readLong();
    if (rank < 1 || rank > 2 || words != 2 * rank + 4) {
      throw new IOException("it is of rank %d, told in %d numbers".formatted(rank, words));
    }
    // [n] or [1, n]
    if (rank == 2) {
      require(name, "rows", 1, in.readLong());
    }
    require(name, "values", values, in.readLong());
    in.skipNBytes((rank + 3) * Long.BYTES);
  }

  /** The number of elements that follow. */
  private static long header(DataInputStream in, String type) throws IOException {
    in.readUTF();
    long length = in.readLong();
    String got = in.readUTF();
    if (!got.equals(type)) {
      throw new IOException("it holds another type than " + type);
    }
    return length;
  }

  private static void require(String name, String what, long expected, long got) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "%s has %d %s, expected %d".formatted(name, got, what, expected));
    }
  }
}
