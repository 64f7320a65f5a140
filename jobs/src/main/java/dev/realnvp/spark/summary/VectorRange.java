package dev.realnvp.spark.summary;

import java.util.Arrays;
import java.util.List;

/**
 * Where most of some vectors lie: of each feature, the range from its first to its ninety-ninth
 * percentile, widened by its width to both sides.
 */
public record VectorRange(float[] low, float[] high) {

  private static final double TAIL = 0.01;

  /**
   * The range of vectors.
   *
   * @param vectors at least one, all of D values
   */
  public static VectorRange of(List<LabelledVector> vectors) {
    int features = vectors.get(0).values().length;
    int tail = (int) (TAIL * vectors.size());
    float[] low = new float[features];
    float[] high = new float[features];
    float[] values = new float[vectors.size()];
    for (int j = 0; j < features; j++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = vectors.get(i).values()[j];
      }
      Arrays.sort(values);
      float from = values[tail];
      float to = values[values.length - 1 - tail];
      low[j] = from - (to - from);
      high[j] = to + (to - from);
    }
    return new VectorRange(low, high);
  }

  /** Whether a vector is in the range by all its features. */
  public boolean contains(LabelledVector vector) {
    float[] values = vector.values();
    for (int j = 0; j < low.length; j++) {
      // A feature that hardly varies tells nothing.
      if (high[j] > low[j] && !(values[j] >= low[j] && values[j] <= high[j])) {
        return false;
      }
    }
    return true;
  }
}
