package dev.realnvp.spark;

import java.util.List;

/** Vectors out of tables. */
public final class Vectors {

  private Vectors() {}

  /** An array of the same values. */
  public static float[] floats(List<? extends Number> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }
}
