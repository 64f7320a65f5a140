package dev.realnvp.spark.training;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What Java's serialization writes in the place of a {@link NetworkState}: it takes an array of
 * floats value by value, but bytes in blocks. They pass through a small buffer, so that none of the
 * copies on the way is one of the whole state.
 */
public final class StateBytes implements Externalizable {

  private static final long serialVersionUID = 2;
  private static final int PIECE = 16 * 1024;

  private NetworkState state;

  /** For Java's serialization. */
  public StateBytes() {}

  StateBytes(NetworkState state) {
    this.state = state;
  }

  @Override
  public void writeExternal(ObjectOutput out) throws IOException {
    out.writeInt(state.iteration());
    out.writeInt(state.epoch());
    write(state.parameters(), out);
    write(state.updater(), out);
  }

  @Override
  public void readExternal(ObjectInput in) throws IOException {
    int iteration = in.readInt();
    int epoch = in.readInt();
    state = new NetworkState(read(in), read(in), iteration, epoch);
  }

  private Object readResolve() {
    return state;
  }

  /** The number of values, and then each of them, little-endian. */
  private static void write(float[] values, ObjectOutput out) throws IOException {
    out.writeInt(values.length);
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int size = Math.min(PIECE, values.length - from);
      piece.asFloatBuffer().put(values, from, size);
      out.write(piece.array(), 0, size * Float.BYTES);
    }
  }

  private static float[] read(ObjectInput in) throws IOException {
    float[] values = new float[in.readInt()];
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int size = Math.min(PIECE, values.length - from);
      in.readFully(piece.array(), 0, size * Float.BYTES);
      piece.asFloatBuffer().get(values, from, size);
    }
    return values;
  }

  private static ByteBuffer piece() {
    return ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
