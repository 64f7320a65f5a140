package dev.realnvp.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An array in NumPy's {@code .npy} format: a header with type and shape, then the elements,
 * little-endian, with the last index varying fastest (C order).
 *
 * @param type of the elements
 * @param shape the sizes of its dimensions; empty for a scalar
 * @param elements in their order
 */
public record NpyArray(Type type, int[] shape, byte[] elements) {

  /** The type of the elements. */
  public enum Type {
    FLOAT32("<f4", Float.BYTES),
    INT64("<i8", Long.BYTES),
    UINT8("|u1", Byte.BYTES);

    private final String descr;
    private final int bytes;

    Type(String descr, int bytes) {
      this.descr = descr;
      this.bytes = bytes;
    }

    private static Type of(String descr) {
      return Arrays.stream(values())
          .filter(type -> type.descr.equals(descr))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("type " + descr + ", expected <f4, <i8 or |u1"));
    }
  }

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** The length of magic, version and header together is a multiple of this. */
  private static final int ALIGNMENT = 64;

  /** More than any array needs. */
  private static final int MOST_HEADER = 1 << 16;

  /**
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public NpyArray {
    if (elements.length != size(type, shape)) {
      throw new IllegalArgumentException(
          "%d bytes of elements, expected %d for shape %s of %s"
              .formatted(elements.length, size(type, shape), Arrays.toString(shape), type.descr));
    }
  }

  /**
   * An array of float32.
   *
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static NpyArray of(float[] values, int... shape) {
    ByteBuffer bytes = littleEndian(new byte[values.length * Float.BYTES]);
    bytes.asFloatBuffer().put(values);
    return new NpyArray(Type.FLOAT32, shape, bytes.array());
  }

  /**
   * An array of int64.
   *
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static NpyArray of(long[] values, int... shape) {
    ByteBuffer bytes = littleEndian(new byte[values.length * Long.BYTES]);
    bytes.asLongBuffer().put(values);
    return new NpyArray(Type.INT64, shape, bytes.array());
  }

  /** The bytes of a text in UTF-8, an array of uint8. */
  public static NpyArray ofText(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new NpyArray(Type.UINT8, new int[] {bytes.length}, bytes);
  }

  /** The elements, float32. */
  public float[] floats() {
    require(Type.FLOAT32);
    float[] values = new float[elements.length / Float.BYTES];
    littleEndian(elements).asFloatBuffer().get(values);
    return values;
  }

  /** The elements, int64. */
  public long[] longs() {
    require(Type.INT64);
    long[] values = new long[elements.length / Long.BYTES];
    littleEndian(elements).asLongBuffer().get(values);
    return values;
  }

  /** The text whose bytes in UTF-8 are the elements, uint8. */
  public String text() {
    require(Type.UINT8);
    return new String(elements, StandardCharsets.UTF_8);
  }

  /** Writes format version 1.0; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    String sizes = IntStream.of(shape).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    String dict =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(type.descr, shape.length == 1 ? sizes + "," : sizes);
    int before = MAGIC.length + 4;
    int length = (before + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - before;
    String header = dict + " ".repeat(length - dict.length() - 1) + "\n";
    out.write(MAGIC);
    out.write(new byte[] {1, 0, (byte) length, (byte) (length >> 8)});
    out.write(header.getBytes(StandardCharsets.US_ASCII));
    out.write(elements);
  }

  /**
   * Reads an array of one of the {@link Type}s in C order, to the end of the stream.
   *
   * @param check gets the number of bytes in the header before memory is allocated, and throws if
   *     it is too large
   * @throws IllegalArgumentException if it is something else, or truncated
   */
  static NpyArray read(InputStream in, LongConsumer check) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new IllegalArgumentException("no .npy format");
    }
    // Version 1 has two bytes for the header's length, 2 and 3 have four.
    byte[] length = Arrays.copyOf(in.readNBytes(start[MAGIC.length] == 1 ? 2 : 4), Integer.BYTES);
    int characters = littleEndian(length).getInt();
    if (characters < 0 || characters > MOST_HEADER) {
      throw new IllegalArgumentException(
          "a header of %d bytes, expected at most %d"
              .formatted(Integer.toUnsignedLong(characters), MOST_HEADER));
    }
    String header = new String(in.readNBytes(characters), StandardCharsets.US_ASCII);
    Type type = Type.of(find("descr", "'([^']*)'", header));
    int[] shape =
        Arrays.stream(find("shape", "\\(([0-9, ]*)\\)", header).split("[, ]+"))
            .filter(size -> !size.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    boolean fortran = find("fortran_order", "(True|False)", header).equals("True");
    if (fortran && shape.length > 1) {
      throw new IllegalArgumentException(
          "Fortran order, expected C order (numpy.ascontiguousarray gives it)");
    }
    long size = size(type, shape);
    check.accept(size);
    byte[] elements = in.readNBytes(Math.toIntExact(size));
    if (in.read() >= 0) {
      throw new IllegalArgumentException(
          "more than the %d bytes of elements that shape %s of %s has"
              .formatted(size, Arrays.toString(shape), type.descr));
    }
    return new NpyArray(type, shape, elements);
  }

  private static String find(String key, String value, String header) {
    Matcher matcher = Pattern.compile("'%s': *%s".formatted(key, value)).matcher(header);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + key + " in the header");
    }
    return matcher.group(1);
  }

  private static long size(Type type, int[] shape) {
    long size = type.bytes;
    for (int n : shape) {
      size = Math.multiplyExact(size, (long) n);
    }
    return size;
  }

  private void require(Type expected) {
    if (type != expected) {
      throw new IllegalArgumentException(
          "type %s, expected %s".formatted(type.descr, expected.descr));
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
