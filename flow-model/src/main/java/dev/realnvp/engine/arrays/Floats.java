package dev.realnvp.engine.arrays;

import java.util.Arrays;

/** A float array that grows as needed. */
public final class Floats {

  private float[] array;

  private Floats(float[] array) {
    this.array = array;
  }

  /** An empty array. */
  public Floats() {
    this(new float[0]);
  }

  /** Wraps an array, without a copy. */
  public static Floats of(float[] array) {
    return new Floats(array);
  }

  /** The array, which may be longer than the part in use. */
  public float[] array() {
    return array;
  }

  /** The array, of at least that length. Growing loses its contents. */
  public float[] ensureCapacity(long length) {
    if (array.length < length) {
      array = new float[Math.toIntExact(length)];
    }
    return array;
  }

  /** The array, of at least that length, with zeros up to there. */
  public float[] zeros(int length) {
    Arrays.fill(ensureCapacity(length), 0, length, 0);
    return array;
  }
}
