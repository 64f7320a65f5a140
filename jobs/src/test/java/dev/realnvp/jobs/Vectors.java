package dev.realnvp.jobs;

import java.util.List;

/** Vectors out of tables. */
final class Vectors {

  private Vectors() {}

  static float[] floats(List<? extends Number> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }
}
