package dev.realnvp.spark.training;

import java.io.InvalidObjectException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * How a {@link NetworkState} is written by Java's serialization, which takes an array of floats one
 * by one but an array of bytes as a whole: parameters and then the updater's state, little-endian.
 */
final class StateBytes implements Serializable {

  private static final long serialVersionUID = 1;

  private final byte[] values;
  private final int parameters;
  private final int iteration;
  private final int epoch;

  StateBytes(float[] parameters, float[] updater, int iteration, int epoch) {
    this.values =
        new byte[Math.multiplyExact(Float.BYTES, Math.addExact(parameters.length, updater.length))];
    floats().put(parameters).put(updater);
    this.parameters = parameters.length;
    this.iteration = iteration;
    this.epoch = epoch;
  }

  private FloatBuffer floats() {
    return ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  private Object readResolve() throws InvalidObjectException {
    if (values == null
        || values.length % Float.BYTES != 0
        || parameters < 0
        || parameters > values.length / Float.BYTES) {
      throw new InvalidObjectException(
          "Cannot read a network's state: got %s bytes for %d parameters and the updater, expected %d for each value"
              .formatted(values == null ? "no" : values.length, parameters, Float.BYTES));
    }
    FloatBuffer floats = floats();
    float[] first = new float[parameters];
    float[] rest = new float[floats.capacity() - parameters];
    floats.get(first).get(rest);
    return new NetworkState(first, rest, iteration, epoch);
  }
}
