package dev.realnvp.flow;

import dev.realnvp.flow.column.FeatureKind;
import java.util.ArrayList;
import java.util.List;

/**
 * log p as a function of the coordinate of one feature of a row: the row's own value, with the
 * slope there, and the best three values so far. The next value to try is that at the vertex of a
 * parabola through them. A line may also begin without the row's own value: with the feature's
 * mean, and values a standard deviation from it.
 */
final class ParabolicSearch {

  /** A parabola is not trusted further from the best value than so many times its width. */
  private static final double REACH = 2;

  private static final int POINTS = 3;

  /**
   * A value of the feature.
   *
   * @param logProb log p there, in nats
   * @param mostLikelyClass the likeliest class there
   */
  record Point(float at, double logProb, int mostLikelyClass) {}

  private final int feature;
  private final FeatureKind kind;
  private final double mean;

  /** Null if the line begins without it. */
  private final Point own;

  private final double slope;
  private final double first;

  /** The best one first. */
  private final List<Point> points = new ArrayList<>();

  /**
   * The line of a row with a finite density.
   *
   * @param feature its index
   * @param kind of the feature, which has the coordinate
   * @param mean of the coordinate
   * @param scale its standard deviation
   * @param own the row's value
   * @param slope of log p there, in nats per unit of the coordinate
   */
  ParabolicSearch(
      int feature, FeatureKind kind, double mean, double scale, Point own, double slope) {
    this.feature = feature;
    this.kind = kind;
    this.mean = mean;
    this.own = own;
    this.slope = slope;
    double toMean = mean - kind.coordinate(own.at);
    boolean downhill = toMean * slope < 0;
    first = downhill || Math.abs(toMean) < scale / 2 ? Math.copySign(scale, slope) : toMean;
    points.add(own);
  }

  /** The same without the row's own value. */
  ParabolicSearch(int feature, FeatureKind kind, double mean, double scale) {
    this.feature = feature;
    this.kind = kind;
    this.mean = mean;
    own = null;
    slope = 0;
    first = scale;
  }

  int feature() {
    return feature;
  }

  /** The best value so far, if there is one. */
  Point best() {
    return points.get(0);
  }

  double most() {
    return points.isEmpty() ? Double.NEGATIVE_INFINITY : best().logProb;
  }

  /** Takes a value, if it is a new one with a finite density. */
  void add(Point point) {
    if (!Double.isFinite(point.logProb) || points.stream().anyMatch(p -> p.at == point.at)) {
      return;
    }
    int place = 0;
    while (place < points.size() && points.get(place).logProb >= point.logProb) {
      place++;
    }
    points.add(place, point);
    if (points.size() > POINTS) {
      points.remove(POINTS);
    }
  }

  /**
   * The next value: at first the feature's mean, or one standard deviation uphill if that is near
   * or downhill.
   */
  float next() {
    return kind.number(points.isEmpty() ? mean : kind.coordinate(best().at) + step());
  }

  /** log p at {@link #next} by the parabola. */
  double expected() {
    return points.size() < 2 ? most() : most() + step() * (rise() + curvature() * step());
  }

  /** The same, but that of the best value if the parabola has no vertex. */
  double vertex() {
    return points.size() > 1 && curvature() < 0 ? expected() : most();
  }

  /**
   * From the best value to the vertex; if the parabola opens upwards, to the other side of the best
   * value as far as the next one is away.
   */
  private double step() {
    if (points.size() == 1) {
      return first;
    }
    double one = distance(1);
    double other = distance(points.size() - 1);
    if (curvature() < 0) {
      double reach = REACH * Math.max(Math.abs(one), Math.abs(other));
      return Math.max(-reach, Math.min(reach, -rise() / (2 * curvature())));
    }
    return Math.abs(one) <= Math.abs(other) ? -one : -other;
  }

  private double distance(int i) {
    return kind.coordinate(points.get(i).at) - kind.coordinate(best().at);
  }

  /** The slope of the chord from the best value to another one. */
  private double chord(int i) {
    return (points.get(i).logProb - most()) / distance(i);
  }

  /** Half the second derivative of the parabola; 0 for a straight line. */
  private double curvature() {
    if (points.size() == 2 && own == null) {
      return 0;
    }
    return points.size() == 2
        ? (best().at == own.at ? chord(1) - slope : slope - chord(1)) / distance(1)
        : (chord(2) - chord(1)) / (distance(2) - distance(1));
  }

  /** The slope of the parabola at the best value. */
  private double rise() {
    return chord(1) - curvature() * distance(1);
  }
}
