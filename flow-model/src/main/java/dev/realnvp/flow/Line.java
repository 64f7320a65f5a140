package dev.realnvp.flow;

/**
 * log p as a function of one feature of a row: the row's own value, with the slope there, and the
 * best three values so far. The next value to try is that at the vertex of a parabola through them.
 */
final class Line {

  /** A parabola is not trusted further from the best value than so many times its width. */
  private static final double REACH = 2;

  private static final int POINTS = 3;

  private final int feature;
  private final float own;
  private final double slope;
  private final double first;
  private final float[] at = new float[POINTS];
  private final double[] logProb = new double[POINTS];
  private final int[] likeliest = new int[POINTS];
  private int known;

  /**
   * The line of a row with a finite density.
   *
   * @param feature its index
   * @param own the row's value
   * @param logProb of the row, in nats
   * @param likeliest the row's likeliest class
   * @param slope of log p there, in nats per unit of the feature
   * @param mean of the feature
   * @param scale its standard deviation
   */
  Line(
      int feature,
      float own,
      double logProb,
      int likeliest,
      double slope,
      double mean,
      double scale) {
    this.feature = feature;
    this.own = own;
    this.slope = slope;
    double toMean = mean - own;
    boolean downhill = toMean * slope < 0;
    first = downhill || Math.abs(toMean) < scale / 2 ? Math.copySign(scale, slope) : toMean;
    add(own, logProb, likeliest);
  }

  int feature() {
    return feature;
  }

  /** The best value so far. */
  float at() {
    return at[0];
  }

  /** log p there, in nats. */
  double best() {
    return logProb[0];
  }

  /** The likeliest class there. */
  int likeliest() {
    return likeliest[0];
  }

  /** Inserts a value, the best one first, if it is a new one with a finite density. */
  void add(float value, double height, int label) {
    for (int i = 0; i < known; i++) {
      if (at[i] == value) {
        return;
      }
    }
    if (!Double.isFinite(height)) {
      return;
    }
    int place = known;
    while (place > 0 && height > logProb[place - 1]) {
      place--;
    }
    if (place < POINTS) {
      known = Math.min(known + 1, POINTS);
      System.arraycopy(at, place, at, place + 1, known - 1 - place);
      System.arraycopy(logProb, place, logProb, place + 1, known - 1 - place);
      System.arraycopy(likeliest, place, likeliest, place + 1, known - 1 - place);
      at[place] = value;
      logProb[place] = height;
      likeliest[place] = label;
    }
  }

  /**
   * The next value: at first the feature's mean, or one standard deviation uphill if that is near
   * or downhill.
   */
  float next() {
    return (float) (at[0] + step());
  }

  /** log p at {@link #next} by the parabola. */
  double expected() {
    return known == 1 ? best() : best() + step() * (rise() + curvature() * step());
  }

  /** The same, but that of the best value if the parabola has no vertex. */
  double vertex() {
    return known > 1 && curvature() < 0 ? expected() : best();
  }

  /**
   * From the best value to the vertex; if the parabola opens upwards, to the other side of the best
   * value as far as the next one is away.
   */
  private double step() {
    if (known == 1) {
      return first;
    }
    double one = distance(1);
    double other = distance(known - 1);
    if (curvature() < 0) {
      double reach = REACH * Math.max(Math.abs(one), Math.abs(other));
      return Math.max(-reach, Math.min(reach, -rise() / (2 * curvature())));
    }
    return Math.abs(one) <= Math.abs(other) ? -one : -other;
  }

  private double distance(int i) {
    return (double) at[i] - at[0];
  }

  /** The slope of the chord from the best value to another one. */
  private double chord(int i) {
    return (logProb[i] - logProb[0]) / distance(i);
  }

  /** Half the second derivative of the parabola. */
  private double curvature() {
    return known == 2
        ? (at[0] == own ? chord(1) - slope : slope - chord(1)) / distance(1)
        : (chord(2) - chord(1)) / (distance(2) - distance(1));
  }

  /** The slope of the parabola at the best value. */
  private double rise() {
    return chord(1) - curvature() * distance(1);
  }
}
