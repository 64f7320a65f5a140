package dev.realnvp.engine;

import java.util.Arrays;

/** A float array that grows when needed. */
public final class Floats {

  private float[] array;

  private Floats(float[] array) {
    this.array = array;
  }

  /** An empty one, to be grown. */
  public Floats() {
    this(new float[0]);
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
    }
    return array;
  }

  /** The array, of at least that length, with zeros up to there. */
  public float[] zeros(int length) {
    Arrays.fill(atLeast(length), 0, length, 0);
    return array;
  }
}
