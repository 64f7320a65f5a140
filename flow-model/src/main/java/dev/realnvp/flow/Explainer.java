package dev.realnvp.flow;

import dev.realnvp.engine.arrays.RowArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
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
 * <p>Rows are explained in the flow's full blocks, but a row's explanation is the same bits
 * whichever rows come with it. For one thread at a time.
 */
public final class Explainer {

  /** At least so many features are tried, ... */
  private static final int SCREENED = 16;

  /** ... and of many one in so many. */
  private static final int SCREENED_SHARE = 8;

  /** How many features are searched along after the first parabola, step by step. */
  private static final int[] CANDIDATES = {4, 2, 1, 1, 1, 1};

  /** In nats; a smaller gain is not worth another value. */
  private static final double PRECISION = 0.001;

  /** How many of the flow's blocks are tried at once, which bounds the memory. */
  private static final int BLOCKS = 4;

  private final RealNVP flow;
  private final double[] prior;
  private final int features;
  private final double[] mean;
  private final double[] scale;

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
    mean = flow.scaling().map(FeatureScaling::mean).orElse(new double[features]);
    scale =
        flow.scaling()
            .map(FeatureScaling::scale)
            .orElseGet(() -> DoubleStream.generate(() -> 1).limit(features).toArray());
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
      all.add(new Search(row, given, scores.marginal()[i], scores.mostLikelyClass(i)));
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
    tryAll(trials(searches, search -> search.lines));
    for (int most : CANDIDATES) {
      tryAll(trials(searches, search -> search.promising(most)));
    }
  }

  private static List<Trial> trials(
      List<Search> searches, Function<Search, List<ParabolicSearch>> promising) {
    return searches.stream()
        .flatMap(search -> promising.apply(search).stream().map(line -> new Trial(search, line)))
        .toList();
  }

  private static Context.Values numbers(List<Search> searches) {
    int width = searches.get(0).numbers.length;
    float[] numbers = new float[Math.multiplyExact(searches.size(), width)];
    for (int i = 0; i < searches.size(); i++) {
      System.arraycopy(searches.get(i).numbers, 0, numbers, i * width, width);
    }
    return new Context.Values(numbers, width);
  }

  /** Adds the next points to lines, a few blocks of them at once. */
  private void tryAll(List<Trial> trials) {
    int most = Math.min(BLOCKS * mixture.block(), ClassMixture.rowsAtOnce(prior.length));
    for (int from = 0; from < trials.size(); from += most) {
      List<Trial> some = trials.subList(from, Math.min(from + most, trials.size()));
      float[] x = new float[Math.multiplyExact(some.size(), features)];
      float[] values = new float[some.size()];
      for (int i = 0; i < values.length; i++) {
        Trial trial = some.get(i);
        values[i] = trial.line.next();
        System.arraycopy(trial.search.row, 0, x, i * features, features);
        x[i * features + trial.line.feature()] = values[i];
      }
      ClassMixture.Scores scores =
          mixture.score(x, numbers(some.stream().map(Trial::search).toList()), values.length);
      for (int i = 0; i < values.length; i++) {
        some.get(i)
            .line
            .add(
                new ParabolicSearch.Point(
                    values[i], scores.marginal()[i], scores.mostLikelyClass(i)));
      }
    }
  }

  /** The next value along a line of a row. */
  private record Trial(Search search, ParabolicSearch line) {}

  /** A row, repaired so far, and what is searched for its next repair. */
  private final class Search {

    private final float[] row;
    private final float[] numbers;
    private double logProb;
    private int mostLikelyClass;
    private final boolean[] repaired = new boolean[features];
    private final List<Counterfactual> repairs = new ArrayList<>();
    private List<ParabolicSearch> lines;

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
      int most = Math.max(SCREENED, features / SCREENED_SHARE);
      lines =
          first(most, left, j -> Math.abs(slopes[j]) * scale[j]).stream()
              .map(
                  j -> {
                    ParabolicSearch.Point own =
                        new ParabolicSearch.Point(row[j], logProb, mostLikelyClass);
                    return new ParabolicSearch(j, own, slopes[j], mean[j], scale[j]);
                  })
              .toList();
      followed = null;
    }

    /** Those to follow further: first by their parabolas, then among these. */
    List<ParabolicSearch> promising(int most) {
      if (followed == null) {
        followed = first(most, lines, ParabolicSearch::vertex);
      } else {
        double enough =
            lines.stream().mapToDouble(ParabolicSearch::most).max().orElseThrow() + PRECISION;
        followed =
            first(
                most,
                followed.stream().filter(line -> line.expected() > enough).toList(),
                ParabolicSearch::expected);
      }
      return followed;
    }

    /** Replaces the value that gains most; false if none gains anything. */
    boolean repair() {
      ParabolicSearch line = first(1, lines, ParabolicSearch::most).get(0);
      if (!(line.most() > logProb)) {
        return false;
      }
      int j = line.feature();
      ParabolicSearch.Point best = line.best();
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
