package dev.realnvp.spark.training;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Arrays of floats as bytes, little-endian, through a buffer that is small beside the array. */
final class FloatPieces {

  private static final int PIECE = 16 * 1024;

  private FloatPieces() {}

  /** Writes the values, and not how many there are. */
  static void write(float[] values, DataOutput out) throws IOException {
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int size = Math.min(PIECE, values.length - from);
      piece.asFloatBuffer().put(values, from, size);
      out.write(piece.array(), 0, size * Float.BYTES);
    }
  }

  /** Reads so many values. */
  static float[] read(DataInput in, int length) throws IOException {
    float[] values = new float[length];
    ByteBuffer piece = piece();
    for (int from = 0; from < length; from += PIECE) {
      int size = Math.min(PIECE, length - from);
      in.readFully(piece.array(), 0, size * Float.BYTES);
      piece.asFloatBuffer().get(values, from, size);
    }
    return values;
  }

  private static ByteBuffer piece() {
    return ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
