package dev.realnvp.flow;

import dev.realnvp.engine.arrays.RowArrays;
import dev.realnvp.flow.ParabolicSearch.Point;
import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
 * <p>The maximum over v is searched along parabolas (Brent 1973, Algorithms for minimization
 * without derivatives, chapter 5), which for a normal distribution are exact: one through x_j, with
 * the slope of log p there, and the feature's mean, or a standard deviation uphill if the mean is
 * near or downhill; then those through the best three values so far. The slopes are those under the
 * likeliest class. Of more than 16 features, those are tried along which log p(x) rises most
 * steeply per standard deviation, 16 or an eighth of all. The four parabolas that rise highest are
 * followed to their vertices, then two and one of them, as far as these should rise above all
 * values so far. So a repair costs about as much as 25 scores under each class, of more than 128
 * features more.
 *
 * <p>Of a feature with a curve p is the density of its coordinate, {@code p(x) / prod_j dz_j/dx_j}:
 * it has no unit, and so can be compared with the probability of a level. For a feature without one
 * the nats are the same.
 *
 * <p>In a flow of features of several kinds ({@link MixedFeatures}) a feature with levels tries
 * each of them, of more than 16 the most frequent ones, but never values that are seldom or never
 * seen; a copy tries the value of its original, which in turn tries those of its copies. A feature
 * with numbers tries numbers too, whatever the row has. They are searched in the feature's
 * coordinate, in which tails are light, by parabolas through three values, of which 0 is the first
 * one, instead of x_j and the slope there: in the tails of a flow slopes mislead. Of more than 16
 * features with levels, each tries one of them, and 0 if the row has no number there; those where
 * log p(x) is highest then, 16 or an eighth of all, try the others. So a repair costs about as much
 * as 60 scores, and as many more as there are levels to try, at most 16 of a feature.
 *
 * <p>Rows are explained in the flow's full blocks, but a row's explanation is the same bits
 * whichever rows come with it. For one thread at a time.
 */
public final class Explainer {

  /** At least so many features are tried, ... */
  private static final int SCREENED = 16;

  /** ... and of many one in so many. */
  private static final int SCREENED_SHARE = 8;

  /** So many levels of a feature are tried at most. */
  private static final int LEVELS = 16;

  /** How many features are searched along after the first parabola, step by step. */
  private static final int[] CANDIDATES = {4, 2, 1, 1, 1, 1};

  /** In nats; a smaller gain is not worth another value. */
  private static final double PRECISION = 0.001;

  /** How many of the flow's blocks are tried at once, which bounds the memory. */
  private static final int BLOCKS = 4;

  private final RealNVP flow;
  private final double[] prior;
  private final int features;
  private final List<FeatureKind> kinds;
  private final boolean mixed;

  /** Of the features' coordinates. */
  private final double[] mean;

  private final double[] scale;

  /** The most frequent levels of each feature, the most frequent one first. */
  private final List<int[]> levels;

  private final Map<Integer, List<Integer>> copies;

  /** Made when it is first needed, because it has a copy of the flow's parameters. */
  private ClassMixture mixture;

  /**
   * A feature of a row, and the value that would have been normal.
   *
   * @param feature its index, from 0
   * @param value what the row has
   * @param normal the value with the highest density, given the row's other features, earlier
   *     repairs included
   * @param nats how much log p(x) rises by the replacement
   */
  public record Counterfactual(int feature, float value, float normal, double nats) {}

  /**
   * @param flow whose standardization says where the features are; without one, about 0 +- 1
   * @param prior of the classes, as {@link ClassMixture} takes it
   */
  public Explainer(RealNVP flow, double[] prior) {
    this.flow = flow;
    this.prior = prior.clone();
    features = flow.features();
    kinds =
        flow.mixed()
            .map(MixedFeatures::kinds)
            .orElse(Collections.nCopies(features, FeatureKind.continuous(Curve.linear(0, 1), 0)));
    mixed = flow.mixed().isPresent();
    levels = frequent(flow, kinds);
    copies =
        IntStream.range(0, features)
            .boxed()
            .collect(Collectors.groupingBy(c -> kinds.get(c).copied()));
    mean = flow.scaling().map(FeatureScaling::mean).orElse(new double[features]);
    scale =
        flow.scaling()
            .map(FeatureScaling::scale)
            .orElseGet(() -> DoubleStream.generate(() -> 1).limit(features).toArray());
  }

  private static List<int[]> frequent(RealNVP flow, List<FeatureKind> kinds) {
    double[] logFrequencies = flow.logFrequencies();
    List<int[]> frequent = new ArrayList<>();
    int offset = 0;
    for (FeatureKind kind : kinds) {
      int from = offset;
      List<Integer> all = IntStream.range(0, kind.size() - 1).boxed().toList();
      frequent.add(
          first(LEVELS, all, k -> logFrequencies[from + k]).stream()
              .mapToInt(Integer::intValue)
              .toArray());
      offset += kind.size();
    }
    return frequent;
  }

  /** D, the number of features. */
  public int features() {
    return features;
  }

  /**
   * The repairs of each row, first the one that gains most, then the one that gains most after it,
   * and so on.
   *
   * @param x {@code [N, D]}, row-major
   * @param numbers that the rows are conditioned on, if the flow is; else of width 0
   * @param rows N
   * @param count how many repairs at most, at least 1
   * @return N lists, shorter if there are fewer features, or no other one gains anything; empty if
   *     the row has no finite density
   * @throws IllegalArgumentException if the rows are of another size
   */
  public List<List<Counterfactual>> explain(
      float[] x, Context.Values numbers, int rows, int count) {
    RowArrays.require("x", x.length, rows, features);
    numbers.requireRows(rows);
    if (mixture == null) {
      mixture = ClassMixture.batchInvariant(flow, prior);
    }
    ClassMixture.Scores scores = mixture.score(x, numbers, rows);
    List<Search> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      float[] row = Arrays.copyOfRange(x, i * features, (i + 1) * features);
      int width = numbers.width();
      float[] given = Arrays.copyOfRange(numbers.values(), i * width, (i + 1) * width);
      double logProb = scores.marginal()[i];
      for (int j = 0; j < features; j++) {
        logProb -= logSlope(j, row[j]);
      }
      all.add(new Search(row, given, logProb, scores.mostLikelyClass(i)));
    }
    List<Search> left = all.stream().filter(search -> Double.isFinite(search.logProb)).toList();
    for (int k = 0; k < Math.min(count, features) && !left.isEmpty(); k++) {
      search(left);
      left = left.stream().filter(Search::repair).toList();
    }
    return all.stream().map(search -> List.copyOf(search.repairs)).toList();
  }

  /** Searches along some features of each row. */
  private void search(List<Search> searches) {
    float[] x = new float[searches.size() * features];
    for (int i = 0; i < searches.size(); i++) {
      System.arraycopy(searches.get(i).row, 0, x, i * features, features);
    }
    float[] slopes =
        mixture.gradients(
            x,
            numbers(searches),
            searches.stream().mapToInt(search -> search.mostLikelyClass).toArray());
    for (int i = 0; i < searches.size(); i++) {
      searches.get(i).begin(Arrays.copyOfRange(slopes, i * features, (i + 1) * features));
    }
    tryAll(searches.stream().flatMap(Search::beginnings).toList());
    tryAll(searches.stream().flatMap(Search::further).toList());
    tryAll(searches.stream().flatMap(Search::sides).toList());
    for (int most : CANDIDATES) {
      tryAll(searches.stream().flatMap(search -> search.promising(most)).toList());
    }
  }

  private static Context.Values numbers(List<Search> searches) {
    int width = searches.get(0).numbers.length;
    float[] numbers = new float[Math.multiplyExact(searches.size(), width)];
    for (int i = 0; i < searches.size(); i++) {
      System.arraycopy(searches.get(i).numbers, 0, numbers, i * width, width);
    }
    return new Context.Values(numbers, width);
  }

  /** {@code log dz_j/dx_j}, 0 for a level. */
  private double logSlope(int j, float value) {
    return kinds.get(j).isNumber(value) ? kinds.get(j).logSlope(value) : 0;
  }

  /** Computes log p of values, a few blocks of them at once. */
  private void tryAll(List<Trial> trials) {
    int most = Math.min(BLOCKS * mixture.block(), ClassMixture.rowsAtOnce(prior.length));
    for (int from = 0; from < trials.size(); from += most) {
      List<Trial> some = trials.subList(from, Math.min(from + most, trials.size()));
      float[] x = new float[Math.multiplyExact(some.size(), features)];
      float[] values = new float[some.size()];
      for (int i = 0; i < values.length; i++) {
        Trial trial = some.get(i);
        values[i] = trial.value;
        System.arraycopy(trial.search.row, 0, x, i * features, features);
        x[i * features + trial.feature] = values[i];
      }
      ClassMixture.Scores scores =
          mixture.score(x, numbers(some.stream().map(Trial::search).toList()), values.length);
      for (int i = 0; i < values.length; i++) {
        double logProb = scores.marginal()[i];
        for (int j = 0; j < features; j++) {
          logProb -= logSlope(j, x[i * features + j]);
        }
        some.get(i).found.accept(new Point(values[i], logProb, scores.mostLikelyClass(i)));
      }
    }
  }

  /** A value of a row's feature, and who wants to know how likely it is. */
  private record Trial(Search search, int feature, float value, Consumer<Point> found) {}

  /** Single values that a feature of a row may have instead, and those of them that were tried. */
  private record Choice(List<Float> values, ParabolicSearch tried) {

    double most() {
      return tried.most();
    }
  }

  /** A row, repaired so far, and what is searched for its next repair. */
  private final class Search {

    private final float[] row;
    private final float[] numbers;
    private double logProb;
    private int mostLikelyClass;
    private final boolean[] repaired = new boolean[features];
    private final List<Counterfactual> repairs = new ArrayList<>();
    private List<Choice> choices;
    private List<ParabolicSearch> lines;

    /** Lines that begin without the row's own value, until they have three others. */
    private List<ParabolicSearch> begun;

    /** Those of the lines that are still followed; null before the first choice. */
    private List<ParabolicSearch> followed;

    Search(float[] row, float[] numbers, double logProb, int mostLikelyClass) {
      this.row = row;
      this.numbers = numbers;
      this.logProb = logProb;
      this.mostLikelyClass = mostLikelyClass;
    }

    /** Begins lines along the features with the steepest slopes that are not repaired. */
    void begin(float[] slopes) {
      List<Integer> left = IntStream.range(0, features).filter(j -> !repaired[j]).boxed().toList();
      List<Integer> numbers =
          first(
              most(),
              left.stream().filter(j -> kinds.get(j).isNumber(row[j])).toList(),
              j -> Math.abs(slope(slopes, j)) * scale[j]);
      lines = mixed ? List.of() : numbers.stream().map(j -> line(j, slope(slopes, j))).toList();
      begun =
          Stream.concat(
                  mixed ? numbers.stream() : Stream.of(),
                  left.stream()
                      .filter(j -> kinds.get(j).isContinuous() && !kinds.get(j).isNumber(row[j])))
              .map(this::without)
              .toList();
      choices =
          left.stream()
              .map(j -> new Choice(values(j), without(j)))
              .filter(choice -> !choice.values.isEmpty())
              .toList();
      followed = null;
    }

    private int most() {
      return Math.max(SCREENED, features / SCREENED_SHARE);
    }

    private ParabolicSearch line(int j, double slope) {
      Point own = new Point(row[j], logProb, mostLikelyClass);
      return new ParabolicSearch(j, kinds.get(j), mean[j], scale[j], own, slope);
    }

    /** A line without the row's own value. */
    private ParabolicSearch without(int j) {
      return new ParabolicSearch(j, kinds.get(j), mean[j], scale[j]);
    }

    /** In nats per unit of the coordinate. */
    private double slope(float[] slopes, int j) {
      return slopes[j] * Math.exp(-kinds.get(j).logSlope(row[j]));
    }

    /** Those of a feature's most frequent levels, of its original, and of its copies. */
    private List<Float> values(int j) {
      FeatureKind kind = kinds.get(j);
      float original = kind.copied() < 0 ? 0 : row[kind.copied()];
      return Stream.concat(
              Arrays.stream(levels.get(j)).mapToObj(k -> kind.value(k, original)),
              copies.getOrDefault(j, List.of()).stream()
                  .map(c -> row[c])
                  .filter(value -> kind.isContinuous() || kind.level(value, 0) < kind.size() - 1))
          .filter(value -> !value.equals(row[j]))
          .distinct()
          .toList();
    }

    /** The first values along all lines, and of all choices. */
    Stream<Trial> beginnings() {
      return Stream.of(
              lines.stream().map(this::next),
              begun.stream().map(this::next),
              choices.stream().map(choice -> trial(choice, 0)))
          .flatMap(trials -> trials);
    }

    /** All other values of the best choices, and the next ones along the best lines just begun. */
    Stream<Trial> further() {
      begun = first(most(), begun, ParabolicSearch::most);
      return Stream.concat(
          begun.stream().map(this::next),
          first(most(), choices, Choice::most).stream()
              .flatMap(
                  choice ->
                      IntStream.range(1, choice.values.size()).mapToObj(k -> trial(choice, k))));
    }

    /** The third values along lines just begun, which are followed like the others then. */
    Stream<Trial> sides() {
      lines = Stream.concat(lines.stream(), begun.stream()).toList();
      return begun.stream().map(this::next);
    }

    private Trial trial(Choice choice, int k) {
      return new Trial(this, choice.tried.feature(), choice.values.get(k), choice.tried::add);
    }

    private Trial next(ParabolicSearch line) {
      return new Trial(this, line.feature(), line.next(), line::add);
    }

    /** Those to follow further: first by their parabolas, then among these. */
    Stream<Trial> promising(int most) {
      if (followed == null) {
        followed = first(most, lines, ParabolicSearch::vertex);
      } else {
        double enough =
            Math.max(logProb, best().map(ParabolicSearch::most).orElse(logProb)) + PRECISION;
        followed =
            first(
                most,
                followed.stream().filter(line -> line.expected() > enough).toList(),
                ParabolicSearch::expected);
      }
      return followed.stream().map(this::next);
    }

    /** Where log p is highest of all that was tried. */
    private Optional<ParabolicSearch> best() {
      List<ParabolicSearch> all =
          Stream.concat(lines.stream(), choices.stream().map(Choice::tried)).toList();
      return first(1, all, ParabolicSearch::most).stream().findFirst();
    }

    /** Replaces the value that gains most; false if none gains anything. */
    boolean repair() {
      ParabolicSearch line = best().orElse(null);
      if (line == null || !(line.most() > logProb)) {
        return false;
      }
      int j = line.feature();
      Point best = line.best();
      repairs.add(new Counterfactual(j, row[j], best.at(), best.logProb() - logProb));
      row[j] = best.at();
      repaired[j] = true;
      logProb = best.logProb();
      mostLikelyClass = best.mostLikelyClass();
      return true;
    }
  }

  /** Those with the greatest values; of equal ones the first. */
  private static <T> List<T> first(int most, Collection<T> all, ToDoubleFunction<T> value) {
    return all.stream().sorted(Comparator.comparingDouble(value).reversed()).limit(most).toList();
  }
}
