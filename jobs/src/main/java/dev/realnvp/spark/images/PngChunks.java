package dev.realnvp.spark.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG (ISO/IEC 15948, section 5): length of the data, type, data, and a checksum of
 * both, which the JDK's decoder ignores.
 */
final class PngChunks {
  private static final int SIGNATURE_BYTES = 8;
  private static final int TYPE_BYTES = 4;
  private static final String LAST = "IEND";

  private PngChunks() {}

  /**
   * Compares all checksums; bytes after the last chunk are ignored.
   *
   * @throws IOException if one is wrong, or the end is missing
   */
  static void check(byte[] png) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(png).position(Math.min(SIGNATURE_BYTES, png.length));
    while (left.remaining() >= Integer.BYTES) {
      int length = left.getInt();
      // Type and checksum follow.
      if (length < 0 || length > left.remaining() - TYPE_BYTES - Integer.BYTES) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(png, left.position(), TYPE_BYTES + length);
      String type = new String(png, left.position(), TYPE_BYTES, StandardCharsets.ISO_8859_1);
      left.position(left.position() + TYPE_BYTES + length);
      if (left.getInt() != (int) sum.getValue()) {
        throw new IOException("the check sum of its chunk " + type + " is wrong");
      }
      if (type.equals(LAST)) {
        return;
      }
    }
    throw new IOException("it is truncated or damaged: there is no chunk " + LAST);
  }
}
