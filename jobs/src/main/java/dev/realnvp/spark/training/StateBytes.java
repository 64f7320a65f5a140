package dev.realnvp.spark.training;

import java.io.InvalidObjectException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * What Java's serialization writes in the place of a {@link NetworkState}: it takes an array of
 * floats value by value, but an array of bytes as a whole.
 */
final class StateBytes implements Serializable {

  private static final long serialVersionUID = 1;

  private final byte[] values;
  private final int parameters;
  private final int iteration;
  private final int epoch;

  /**
   * @param values parameters and then updater state, little-endian
   * @param parameters how many of the values are parameters
   */
  StateBytes(byte[] values, int parameters, int iteration, int epoch) {
    this.values = values;
    this.parameters = parameters;
    this.iteration = iteration;
    this.epoch = epoch;
  }

  static StateBytes of(NetworkState state) {
    float[] parameters = state.parameters();
    float[] updater = state.updater();
    byte[] values =
        new byte[Math.multiplyExact(Float.BYTES, Math.addExact(parameters.length, updater.length))];
    floats(values).put(parameters).put(updater);
    return new StateBytes(values, parameters.length, state.iteration(), state.epoch());
  }

  private Object readResolve() throws InvalidObjectException {
    if (values.length % Float.BYTES != 0
        || parameters < 0
        || parameters > values.length / Float.BYTES) {
      throw new InvalidObjectException(
          "Cannot read a network's state: got %d bytes, expected %d for each of %d parameters and the updater's state"
              .formatted(values.length, Float.BYTES, parameters));
    }
    FloatBuffer floats = floats(values);
    float[] first = new float[parameters];
    float[] rest = new float[floats.capacity() - parameters];
    floats.get(first).get(rest);
    return new NetworkState(first, rest, iteration, epoch);
  }

  private static FloatBuffer floats(byte[] values) {
    return ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
