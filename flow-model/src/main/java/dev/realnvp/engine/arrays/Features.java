package dev.realnvp.engine.arrays;

import java.util.List;

/**
 * Features of rows that are stored column by column: feature j of row i of N is element {@code j N
 * + i}.
 */
public final class Features {

  private Features() {}

  public static int[] indices(List<Integer> features) {
    return features.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Feature j of {@code to} is feature {@code indices[j]} of {@code from}. */
  public static void gather(float[] from, int[] indices, float[] to, int rows) {
    for (int j = 0; j < indices.length; j++) {
      System.arraycopy(from, indices[j] * rows, to, j * rows, rows);
    }
  }

  /** Feature {@code indices[j]} of {@code to} is feature j of {@code from}. */
  public static void scatter(float[] from, float[] to, int[] indices, int rows) {
    for (int j = 0; j < indices.length; j++) {
      System.arraycopy(from, j * rows, to, indices[j] * rows, rows);
    }
  }

  /** Adds feature j of {@code from} to feature {@code indices[j]} of {@code to}. */
  public static void add(float[] from, float[] to, int[] indices, int rows) {
    for (int j = 0; j < indices.length; j++) {
      int source = j * rows;
      int target = indices[j] * rows;
      for (int i = 0; i < rows; i++) {
        to[target + i] += from[source + i];
      }
    }
  }
}
