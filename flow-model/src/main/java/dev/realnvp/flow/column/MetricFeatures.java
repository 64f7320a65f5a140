package dev.realnvp.flow.column;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A row of features of several kinds as numbers that distances, cuts and covariances make sense of:
 *
 * <ul>
 *   <li>a number is its coordinate, z; 0, the mean, where it is missing or at a level of its own,
 *       and behind it a 1 for that level;
 *   <li>a discrete number is standardised by its levels, with a 1 behind it where it is missing;
 *   <li>a category is a one-hot vector of its level, of more than {@value #MOST} levels by the
 *       remainder;
 *   <li>a copy is 1 where it differs from its original.
 * </ul>
 *
 * Behind them come what the row has behind its features, as they are.
 *
 * @param kinds of the features, {@code [D]}
 * @param ordered whether the values of a discrete feature are numbers, {@code [D]}
 */
public record MetricFeatures(List<FeatureKind> kinds, List<Boolean> ordered)
    implements Serializable {

  private static final int MOST = 32;

  /** The number of values of a row of D features. */
  public int size() {
    return IntStream.range(0, kinds.size()).map(this::size).sum();
  }

  private int size(int feature) {
    FeatureKind kind = kinds.get(feature);
    if (kind.copied() >= 0) {
      return 1;
    }
    if (kind.isContinuous()) {
      return Math.max(1, kind.size());
    }
    return ordered.get(feature) ? 1 + (kind.missing() ? 1 : 0) : Math.min(MOST, kind.size());
  }

  /** Whether rows have a density: no feature has levels. */
  public boolean continuous() {
    return kinds.stream().allMatch(kind -> kind.size() == 0);
  }

  /** The logarithm of the volume that the encoding scales a row of {@link #continuous} ones by. */
  public double logSlope(float[] row) {
    return IntStream.range(0, kinds.size()).mapToDouble(j -> kinds.get(j).logSlope(row[j])).sum();
  }

  /** The numbers of a row. */
  public float[] of(float[] row) {
    int more = row.length - kinds.size();
    float[] numbers = new float[size() + more];
    int at = 0;
    for (int j = 0; j < kinds.size(); j++) {
      FeatureKind kind = kinds.get(j);
      int level = kind.level(row[j], kind.copied() >= 0 ? row[kind.copied()] : 0);
      if (kind.copied() >= 0) {
        numbers[at] = level;
      } else if (kind.isContinuous()) {
        boolean number = kind.isNumber(row[j]) && !Float.isNaN(row[j]);
        numbers[at] = number ? (float) kind.coordinate(row[j]) : 0;
        if (level < kind.size() - 1) {
          numbers[at + 1 + level] = 1;
        }
      } else if (ordered.get(j)) {
        boolean missing = Float.isNaN(row[j]);
        numbers[at] = missing ? 0 : (float) standardised(kind.levels()).at(row[j]);
        if (missing && kind.missing()) {
          numbers[at + 1] = 1;
        }
      } else {
        numbers[at + Math.min(level, kind.size() - 1) % MOST] = 1;
      }
      at += size(j);
    }
    System.arraycopy(row, kinds.size(), numbers, at, more);
    return numbers;
  }

  private static Curve standardised(List<Float> levels) {
    double mean = levels.stream().mapToDouble(x -> x).average().orElse(0);
    double variance = levels.stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElse(0);
    return Curve.linear(mean, variance > 0 ? Math.sqrt(variance) : 1);
  }
}
