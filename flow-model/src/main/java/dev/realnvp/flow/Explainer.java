package dev.realnvp.flow;

import dev.realnvp.engine.RowArrays;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which features make a row strange, and what they are worth: those whose values, replaced by
 * others, raise log p(x) most. Where {@code x[j = v]} is the row x with v as its feature j,
 *
 * <pre>
 *   gain_j(x) = max_v log p(x[j = v]) - log p(x)        in nats, not negative
 *   j_1 = argmax_j gain_j(x),         x_1 = x[j_1 = v_1]
 *   j_2 = argmax_(j != j_1) gain_j(x_1), ...
 * </pre>
 *
 * <p>p is the density of {@link ClassMixture}, the class summed out. So the nats of a row's repairs
 * add up to the difference between log p of the repaired row and log p(x). Under a normal
 * distribution with mean m and precision matrix P,
 *
 * <pre>
 *   v_j    = x_j - (P (x - m))_j / P_jj                 the mean of x_j given the other features
 *   gain_j = (P (x - m))_j^2 / (2 P_jj)
 * </pre>
 *
 * <p>which is the likelihood-ratio statistic for one wrong value (Raymaekers and Rousseeuw 2021,
 * Handling cellwise outliers by sparse regression and robust covariance). A feature that is only
 * correlated with the wrong one gains less, though the gradient of log p(x) may be as large there.
 *
 * <p>The maximum over v is searched along a parabola through the three best values so far (Brent
 * 1973, Algorithms for minimization without derivatives, chapter 5), which for a normal
 * distribution is exact. Of more than 16 features, those are tried along which log p(x) rises most
 * steeply per standard deviation, 16 or an eighth of all: first x_j and one standard deviation to
 * each side of the feature's mean; then the vertices of the eight parabolas that rise highest, and
 * of four, two and one of them, as far as these should rise above all values so far. So a repair
 * costs about as much as a hundred scores, under each class; of more than 200 features more.
 *
 * <p>A row's batches hold nothing else, so its explanation is the same bits whichever rows come
 * with it. For one thread at a time.
 */
public final class Explainer {

  /** At least so many features are tried, ... */
  private static final int SCREENED = 16;

  /** ... and of many one in so many. */
  private static final int SCREENED_SHARE = 8;

  /** How many features are searched along after the first parabola. */
  private static final int CANDIDATES = 8;

  /** In nats; a smaller gain is not worth another value. */
  private static final double PRECISION = 0.01;

  private final ClassMixture mixture;
  private final int features;
  private final float[] below;
  private final float[] above;

  /**
   * A feature of a row, and the value that would have been normal.
   *
   * @param feature its index, from 0
   * @param value what the row has
   * @param normal the value with the highest density, given the row's other features, earlier
   *     repairs included
   * @param nats how much log p(x) rises by the replacement
   */
  public record Repair(int feature, float value, float normal, double nats) {}

  /**
   * @param flow whose standardization says where the features are; without one, about 0 +- 1
   * @param mixture the same flow's density
   */
  public Explainer(RealNVP flow, ClassMixture mixture) {
    this.mixture = mixture;
    features = flow.features();
    below = new float[features];
    above = new float[features];
    Optional<FeatureScaling> scaling = flow.scaling();
    for (int j = 0; j < features; j++) {
      double mean = scaling.isPresent() ? scaling.get().mean()[j] : 0;
      double scale = scaling.isPresent() ? scaling.get().scale()[j] : 1;
      below[j] = (float) (mean - scale);
      above[j] = (float) (mean + scale);
    }
  }

  /**
   * The repairs of a row, first the one that gains most, then the one that gains most after it, and
   * so on.
   *
   * @param x {@code [D]}
   * @param numbers that the row is conditioned on, if the flow is; else none
   * @param count how many at most, at least 1
   * @return fewer if there are fewer features, or no other one gains anything; none if the row has
   *     no finite density
   * @throws IllegalArgumentException if the row is of another size
   */
  public List<Repair> explain(float[] x, float[] numbers, int count) {
    RowArrays.require("x", x.length, 1, features);
    float[] row = x.clone();
    boolean[] repaired = new boolean[features];
    List<Repair> repairs = new ArrayList<>();
    while (repairs.size() < Math.min(count, features)) {
      Optional<Line> best =
          lines(row, numbers, repaired).stream()
              .filter(line -> line.gain() > 0)
              .max(Comparator.comparingDouble(Line::gain));
      if (best.isEmpty()) {
        break;
      }
      Line line = best.get();
      repairs.add(new Repair(line.feature, row[line.feature], line.at[0], line.gain()));
      row[line.feature] = line.at[0];
      repaired[line.feature] = true;
    }
    return repairs;
  }

  /** Some lines along features that are not repaired, the most promising ones searched. */
  private List<Line> lines(float[] row, float[] numbers, boolean[] repaired) {
    ClassMixture.Scores scores = mixture.score(row, new Context.Values(numbers, numbers.length), 1);
    if (!scores.isFinite(0)) {
      return List.of();
    }
    List<Line> lines =
        IntStream.range(0, features)
            .filter(j -> !repaired[j])
            .mapToObj(j -> new Line(j, row[j], scores.marginal()[0]))
            .toList();
    int most = Math.max(SCREENED, features / SCREENED_SHARE);
    if (lines.size() > most) {
      float[] gradient =
          mixture.gradients(row, new Context.Values(numbers, numbers.length), scores);
      lines = first(most, lines, line -> Math.abs(gradient[line.feature]) * width(line.feature));
    }
    List<Trial> trials = new ArrayList<>();
    for (Line line : lines) {
      trials.add(new Trial(line, below[line.feature]));
      trials.add(new Trial(line, above[line.feature]));
    }
    tryAll(trials, row, numbers);
    List<Line> some = first(CANDIDATES, lines, Line::vertex);
    for (int left = CANDIDATES / 2; !some.isEmpty(); left /= 2) {
      tryAll(some.stream().map(line -> new Trial(line, line.next())).toList(), row, numbers);
      double enough = lines.stream().mapToDouble(Line::best).max().orElseThrow() + PRECISION;
      some =
          first(
              left,
              some.stream().filter(line -> line.expected() > enough).toList(),
              Line::expected);
    }
    return lines;
  }

  private double width(int feature) {
    return (double) above[feature] - below[feature];
  }

  /** Those with the greatest values; of equal ones the first. */
  private static List<Line> first(int most, List<Line> lines, ToDoubleFunction<Line> value) {
    return lines.stream().sorted(Comparator.comparingDouble(value).reversed()).limit(most).toList();
  }

  /** Adds points to lines. */
  private void tryAll(List<Trial> trials, float[] row, float[] numbers) {
    int rows = trials.size();
    float[] x = new float[Math.multiplyExact(rows, features)];
    float[] given = new float[Math.multiplyExact(rows, numbers.length)];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(row, 0, x, i * features, features);
      System.arraycopy(numbers, 0, given, i * numbers.length, numbers.length);
      x[i * features + trials.get(i).line.feature] = trials.get(i).value;
    }
    double[] logProb = mixture.score(x, new Context.Values(given, numbers.length), rows).marginal();
    for (int i = 0; i < rows; i++) {
      trials.get(i).line.add(trials.get(i).value, logProb[i]);
    }
  }

  /** A value to try as a feature of the row. */
  private record Trial(Line line, float value) {}

  /** log p as a function of one feature: the row's own, and the best three known points. */
  private static final class Line {

    /** A parabola is not trusted further from the best point than so many times its width. */
    private static final double REACH = 2;

    private final int feature;
    private final double ofRow;
    private final float[] at = new float[3];
    private final double[] logProb = new double[3];
    private int known;

    /** The line of a row with a finite density. */
    Line(int feature, float value, double ofRow) {
      this.feature = feature;
      this.ofRow = ofRow;
      add(value, ofRow);
    }

    /** Inserts a point, the highest one first, if it is a new one with a finite density. */
    void add(float value, double height) {
      boolean there = false;
      for (int i = 0; i < known; i++) {
        there |= at[i] == value;
      }
      if (there || !Double.isFinite(height)) {
        return;
      }
      int place = known;
      while (place > 0 && height > logProb[place - 1]) {
        place--;
      }
      if (place < at.length) {
        known = Math.min(known + 1, at.length);
        System.arraycopy(at, place, at, place + 1, known - 1 - place);
        System.arraycopy(logProb, place, logProb, place + 1, known - 1 - place);
        at[place] = value;
        logProb[place] = height;
      }
    }

    double best() {
      return logProb[0];
    }

    double gain() {
      return logProb[0] - ofRow;
    }

    float next() {
      return (float) (at[0] + step());
    }

    /** The height at {@link #next} by the parabola. */
    double expected() {
      return known < at.length ? best() : best() + step() * (slope() + curvature() * step());
    }

    /** The same, but that of the best point if the parabola has no vertex. */
    double vertex() {
      return known == at.length && curvature() < 0 ? expected() : best();
    }

    /**
     * From the best point to the vertex; if the parabola opens upwards, to the other side of the
     * best point as far as the next one is away.
     */
    private double step() {
      if (known < at.length) {
        return 0;
      }
      double near = Math.min(Math.abs(distance(1)), Math.abs(distance(2)));
      double far = Math.max(Math.abs(distance(1)), Math.abs(distance(2)));
      return curvature() < 0
          ? Math.max(-REACH * far, Math.min(REACH * far, -slope() / (2 * curvature())))
          : near == Math.abs(distance(1)) ? -distance(1) : -distance(2);
    }

    private double distance(int i) {
      return (double) at[i] - at[0];
    }

    private double chord(int i) {
      return (logProb[i] - logProb[0]) / distance(i);
    }

    private double curvature() {
      return (chord(2) - chord(1)) / (distance(2) - distance(1));
    }

    private double slope() {
      return chord(1) - curvature() * distance(1);
    }
  }
}
