package dev.realnvp.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A float array that grows when needed, and the buffer over it through which OpenBLAS takes an
 * array from an offset on. For one thread at a time.
 */
public final class Floats {

  private float[] array;
  private FloatBuffer view;

  /** An array of that many zeros. */
  public Floats(int length) {
    this(new float[length]);
  }

  private Floats(float[] array) {
    this.array = array;
    this.view = FloatBuffer.wrap(array);
  }

  /** An empty one, to be grown. */
  public Floats() {
    this(0);
  }

  /** Around an array, which stays shared. */
  public static Floats of(float[] array) {
    return new Floats(array);
  }

  /** The array, which may be longer than what is in use. */
  public float[] array() {
    return array;
  }

  /** The array, of at least that length. Its contents are lost when it grows. */
  public float[] atLeast(long length) {
    if (array.length < length) {
      array = new float[Math.toIntExact(length)];
      view = FloatBuffer.wrap(array);
    }
    return array;
  }

  /** The array, of at least that length, with zeros up to there. */
  public float[] zeros(int length) {
    Arrays.fill(atLeast(length), 0, length, 0);
    return array;
  }

  FloatBuffer from(int offset) {
    return view.position(offset);
  }
}
