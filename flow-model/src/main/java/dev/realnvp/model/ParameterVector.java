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
 * shape, strides, type, 1, order]} as longs, then its values. Each of both is led by a name, how
 * many there are, and their type; all numbers have the most significant byte first.
 *
 * <p>ND4J's own reader takes the memory that a header asks for, whatever follows it.
 */
final class ParameterVector {

  /** What stands before the values of a vector of rank 2, the largest there is. */
  private static final int MOST_HEADER_BYTES = 128;

  /** Of the heap: the bytes, which are put together from pieces, and the floats. */
  private static final int COPIES = 3;

  private ParameterVector() {}

  /**
   * How many bytes so many values may take.
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
   * @param name how messages name it
   * @param content all of its bytes
   * @param values how many it has to have
   * @throws IllegalArgumentException if it is no such vector
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

  /** How many elements follow. */
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
