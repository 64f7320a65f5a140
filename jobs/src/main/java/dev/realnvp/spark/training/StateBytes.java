package dev.realnvp.spark.training;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;

/**
 * What Java's serialization writes in the place of a {@link NetworkState}: it takes an array of
 * floats value by value, but bytes in blocks. They go in pieces, so that none of the copies on the
 * way is one of the whole state.
 */
public final class StateBytes implements Externalizable {

  private static final long serialVersionUID = 2;

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
    out.writeInt(state.parameters().length);
    out.writeInt(state.updater().length);
    FloatPieces.write(state.parameters(), out);
    FloatPieces.write(state.updater(), out);
  }

  @Override
  public void readExternal(ObjectInput in) throws IOException {
    int iteration = in.readInt();
    int epoch = in.readInt();
    int parameters = in.readInt();
    int updater = in.readInt();
    state =
        new NetworkState(
            FloatPieces.read(in, parameters), FloatPieces.read(in, updater), iteration, epoch);
  }

  private Object readResolve() {
    return state;
  }
}
