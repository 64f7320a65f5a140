package dev.realnvp.flow.column;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Chooses the kinds of features by how often rows have each value, and by a sample of the rows.
 *
 * <ul>
 *   <li>Categories, truths, and numbers of few different values are discrete. Levels are the values
 *       that two rows or more have. So the share of the rows at the last level, the values that one
 *       row has, is the probability of values that were never seen (Good 1953, The population
 *       frequencies of species). It is shared by as many values as are thought to exist beside the
 *       levels (Chao 1984, Nonparametric estimation of the number of classes in a population).
 *       Rarer ones of many strings share the last level too, and are taken for as many values as if
 *       each had nine rows.
 *   <li>A value of other numbers that more than a fiftieth of the rows have, and more than three
 *       times as many as have nine tenths of the values near it, is a level, and so is what is
 *       missing.
 *   <li>A feature that equals an earlier one in each row is a copy: whether it does is its level.
 *   <li>All other numbers are continuous, along the curve that {@link CurveFit} chooses.
 * </ul>
 */
public final class KindChoice {

  /** What a column is said to be, whatever its values look like. */
  public enum Wish {
    AUTO,
    CATEGORY,
    NUMBER,
    LOG
  }

  /** Of more strings than can be categories, one of fewer rows is none of its own. */
  public static final int FREQUENT = 10;

  private static final int FEW_VALUES = 32;

  /** So many rows for each of few values; of fewer, what is known of one tells of the next. */
  private static final int ROWS_PER_VALUE = 100;

  private static final double ATOM = 0.02;
  private static final int LEAST_ROWS = 10;

  /** How many times as frequent as values near it an atom is. */
  private static final double SPIKE = 3;

  /** How many values on each side are near. */
  private static final int NEAR = 20;

  /** One of so many values near may be an atom too. */
  private static final int OTHER_ATOM = 10;

  /** Of the whole table's correlation matrix no more is inverted. */
  private static final int MOST_CORRELATED = 1000;

  private static final double RIDGE = 1e-3;

  /** Of more coordinates, curves are chosen one by one alone; so many a linear map mixes. */
  private static final int MOST_JOINT = 128;

  /** Numbers so correlated are tried together without their curves, the last time all of them. */
  private static final double[] TOGETHER = {0.9, 0.7, 0.5, 0.3, 0};

  /** A feature's kind, the logarithms of its levels' frequencies, and the reason in words. */
  public record Choice(FeatureKind kind, List<Double> logFrequencies, String reason) {

    private Choice withNoise(double noise) {
      FeatureKind k = kind;
      return new Choice(
          new FeatureKind(
              k.levels(), k.missing(), k.others(), k.curve(), k.whole(), noise, k.copied()),
          logFrequencies,
          reason);
    }

    /** The same without its curve. */
    private Choice straight(double[] values) {
      FeatureKind k = kind;
      Curve none = CurveFit.fit(CurveFit.Shape.NONE, values);
      int comma = reason.indexOf(',');
      return new Choice(
          new FeatureKind(
              k.levels(), k.missing(), k.others(), none, k.whole(), k.noise(), k.copied()),
          logFrequencies,
          "as it is, in line with others" + (comma < 0 ? "" : reason.substring(comma)));
    }
  }

  private KindChoice() {}

  /**
   * What is said of columns, by their names: {@code price=log,zip=category}; nothing of those that
   * {@code auto} stands for.
   *
   * @return empty if the text is, or {@code none}
   * @throws IllegalArgumentException if it is anything else
   */
  public static Optional<Map<String, Wish>> wishes(String text) {
    if (text.isBlank() || text.trim().equals("none")) {
      return Optional.empty();
    }
    Map<String, Wish> wishes = new LinkedHashMap<>();
    for (String said : text.split(",")) {
      String[] parts = said.trim().split("\\s*=\\s*");
      Optional<Wish> wish =
          Stream.of(Wish.values())
              .filter(some -> parts.length == 2 && some.name().equalsIgnoreCase(parts[1]))
              .findFirst();
      if (wish.isPresent()) {
        wishes.put(parts[0], wish.get());
      } else if (!said.trim().equals("auto")) {
        throw new IllegalArgumentException(
            "got '%s', expected auto, none, or COLUMN=KIND with one of the kinds category, number and log"
                .formatted(said.trim()));
      }
    }
    return Optional.of(wishes);
  }

  /**
   * The kind of one feature, without noise.
   *
   * @param counts of all rows
   * @param sample of the rows' values, NaN where they are missing
   * @param categories whether values are places of categories, or truths
   * @param known of how many categories values are the places, above 0: a place behind them stands
   *     for all others
   * @throws IllegalArgumentException if the values are too many for categories, or have no
   *     logarithm
   */
  public static Choice of(
      LevelCounts counts, float[] sample, boolean categories, int known, Wish wish) {
    TreeMap<Float, Long> found = counts.counts();
    long rows = counts.rows() - counts.missing();
    boolean few =
        counts.few(FEW_VALUES)
            && (found.size() <= 2 || rows >= (long) ROWS_PER_VALUE * found.size());
    boolean discrete =
        switch (wish) {
          case CATEGORY -> true;
          case NUMBER, LOG -> false;
          case AUTO -> categories || few || found.size() == 1;
        };
    if (discrete && counts.few(LevelCounts.MOST)) {
      return discrete(counts, found, known);
    }
    if (wish == Wish.CATEGORY) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "got category, expected at most %,d different values of one",
              LevelCounts.MOST));
    }
    boolean whole = counts.whole();
    TreeMap<Float, Long> frequent =
        Arrays.stream(boxed(sample))
            .filter(x -> !x.isNaN())
            .collect(Collectors.groupingBy(x -> x, TreeMap::new, Collectors.counting()));
    List<Float> atoms = new ArrayList<>();
    long ofAtoms = 0;
    double scale = (double) counts.rows() / sample.length;
    for (Map.Entry<Float, Long> entry : frequent.entrySet()) {
      float value = entry.getKey();
      long count = found.getOrDefault(value, Math.round(entry.getValue() * scale));
      if (count > ATOM * counts.rows()
          && entry.getValue() >= LEAST_ROWS
          && entry.getValue() > SPIKE * near(frequent, value)) {
        atoms.add(value);
        ofAtoms += count;
      }
    }
    boolean missing = counts.missing() > 0;
    double half = whole ? 0.5 : 0;
    double[] numbers =
        Arrays.stream(boxed(sample))
            .filter(x -> !x.isNaN() && !atoms.contains(x))
            .mapToDouble(x -> x + half)
            .toArray();
    if (numbers.length == 0) {
      return discrete(counts, found.isEmpty() ? new TreeMap<>(frequent) : found, 0);
    }
    boolean log = wish == Wish.LOG;
    if (log && !(Arrays.stream(numbers).min().orElseThrow() > 0)) {
      throw new IllegalArgumentException("got log, expected numbers above 0");
    }
    CurveFit.Fitted fitted =
        log
            ? new CurveFit.Fitted(CurveFit.fit(CurveFit.Shape.LOG, numbers), CurveFit.Shape.LOG)
            : CurveFit.of(numbers);
    FeatureKind kind =
        new FeatureKind(List.copyOf(atoms), missing, 1, fitted.curve(), whole, 0, -1);
    List<Double> logs = new ArrayList<>();
    if (kind.size() > 0) {
      double all = counts.rows() + kind.size() / 2.0;
      for (float atom : atoms) {
        long count = found.getOrDefault(atom, Math.round(frequent.get(atom) * scale));
        logs.add(Math.log((count + 0.5) / all));
      }
      if (missing) {
        logs.add(Math.log((counts.missing() + 0.5) / all));
      }
      long rest = Math.max(0, counts.rows() - counts.missing() - ofAtoms);
      logs.add(Math.log((rest + 0.5) / all));
    }
    return new Choice(kind, logs, reason(kind, fitted.shape(), counts, ofAtoms));
  }

  /** The kind of a feature that has the value of another one in each row. */
  public static Choice copy(LevelCounts counts, int original, String name) {
    double all = counts.rows() + 1.0;
    return new Choice(
        new FeatureKind(List.of(), false, 1, Curve.NONE, false, 0, original),
        List.of(Math.log((counts.rows() + 0.5) / all), Math.log(0.5 / all)),
        "the same as " + name);
  }

  /** How many rows have the most frequent value near one, but for the most frequent tenth. */
  private static long near(TreeMap<Float, Long> frequent, float value) {
    List<Long> rows =
        Stream.of(frequent.headMap(value, false).descendingMap(), frequent.tailMap(value, false))
            .flatMap(side -> side.values().stream().limit(NEAR))
            .sorted(Comparator.reverseOrder())
            .toList();
    return rows.isEmpty() ? 0 : rows.get(rows.size() / OTHER_ATOM);
  }

  private static Float[] boxed(float[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toArray(Float[]::new);
  }

  private static Choice discrete(LevelCounts counts, TreeMap<Float, Long> found, int known) {
    Long pooled = known > 0 ? found.remove((float) known) : null;
    long once = found.values().stream().filter(n -> n == 1).count();
    long twice = found.values().stream().filter(n -> n == 2).count();
    boolean repeated = once < found.size();
    List<Float> levels = new ArrayList<>();
    List<Long> rows = new ArrayList<>();
    found.forEach(
        (value, count) -> {
          if (count > 1 || !repeated) {
            levels.add(value);
            rows.add(count);
          }
        });
    long pool = pooled == null ? 0 : pooled;
    boolean missing = counts.missing() > 0;
    if (missing) {
      rows.add(counts.missing());
    }
    rows.add((repeated ? once : 0) + pool);
    double unseen = repeated ? once + once * (once - 1.0) / (2 * (twice + 1.0)) : 0;
    double others = Math.max(1, unseen + (double) pool / (FREQUENT - 1));
    double all = counts.rows() + rows.size() / 2.0;
    return new Choice(
        new FeatureKind(levels, missing, others, Curve.NONE, false, 0, -1),
        rows.stream().map(n -> Math.log((n + 0.5) / all)).toList(),
        "%d %s%s%s"
            .formatted(
                found.size(),
                found.size() == 1 ? "value" : "values",
                pool == 0 ? "" : ", rarer ones in " + percent(pool, counts.rows()),
                missing ? ", missing in " + percent(counts.missing(), counts.rows()) : ""));
  }

  private static String reason(
      FeatureKind kind, CurveFit.Shape shape, LevelCounts counts, long ofAtoms) {
    List<String> words = new ArrayList<>();
    words.add(
        switch (shape) {
          case NONE -> "as it is";
          case LOG -> "logarithm";
          case SOFT -> "soft logarithm";
        });
    if (kind.whole()) {
      words.add("whole numbers");
    }
    if (!kind.levels().isEmpty()) {
      words.add(
          kind.levels().stream().map(KindChoice::text).collect(Collectors.joining(" or "))
              + " in "
              + percent(ofAtoms, counts.rows()));
    }
    if (kind.missing()) {
      words.add("missing in " + percent(counts.missing(), counts.rows()));
    }
    return String.join(", ", words);
  }

  private static String text(float value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? Long.toString((long) value)
        : Float.toString(value);
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / all);
  }

  /**
   * The same kinds with noise for each coordinate: less for a number that nearly follows from the
   * others, {@code deviation / sqrt((R^-1)_jj)}.
   *
   * @param correlations R of the coordinates, {@code [C, C]}; empty if they are not known
   * @param deviation of a coordinate that does not depend on others
   */
  public static List<Choice> withNoise(
      List<Choice> choices, Optional<RealMatrix> correlations, double deviation) {
    int[] numbers = numbers(choices);
    if (numbers.length == 0 || deviation == 0) {
      return choices;
    }
    double[] rest = new double[numbers.length];
    Arrays.fill(rest, 1);
    correlations
        .map(matrix -> new LUDecomposition(matrix).getSolver().getInverse())
        .ifPresent(
            inverse ->
                Arrays.setAll(rest, c -> 1 / Math.sqrt(Math.max(1, inverse.getEntry(c, c)))));
    List<Choice> noisy = new ArrayList<>(choices);
    for (int c = 0; c < numbers.length; c++) {
      noisy.set(numbers[c], choices.get(numbers[c]).withNoise(deviation * rest[c]));
    }
    return noisy;
  }

  /** The features that have coordinates. */
  private static int[] numbers(List<Choice> choices) {
    return IntStream.range(0, choices.size())
        .filter(j -> choices.get(j).kind().isContinuous())
        .toArray();
  }

  /**
   * The same kinds without those curves that cost more than they are worth: a curve bends what is
   * linear between numbers. Groups of correlated numbers lose their curves if the sample is
   * likelier so under a normal distribution of all coordinates, by {@code sum_j log dz_j/dx_j - log
   * det R / 2}. It costs {@code N C^2 + C^4}, and is not done for more than 128 coordinates.
   *
   * @param choices of the features, {@code [D]}
   * @param sample of the rows, {@code [N][D]}
   * @param free which features may lose their curve
   */
  public static List<Choice> withoutHarmfulCurves(
      List<Choice> choices, float[][] sample, IntPredicate free) {
    int[] numbers = numbers(choices);
    int size = numbers.length;
    int[] curved =
        IntStream.range(0, size)
            .filter(c -> choices.get(numbers[c]).kind().curve().soft() && free.test(numbers[c]))
            .toArray();
    if (curved.length < 2 || size > MOST_JOINT || sample.length <= 2 * size) {
      return choices;
    }
    // Behind all coordinates come those of the curved ones without their curves.
    List<Choice> both = new ArrayList<>();
    int[] columns = Arrays.copyOf(numbers, size + curved.length);
    IntStream.of(numbers).forEach(j -> both.add(choices.get(j)));
    double[] gains = new double[curved.length];
    for (int s = 0; s < curved.length; s++) {
      int j = numbers[curved[s]];
      FeatureKind kind = choices.get(j).kind();
      double half = kind.whole() ? 0.5 : 0;
      double[] values =
          Arrays.stream(sample)
              .filter(row -> kind.isNumber(row[j]))
              .mapToDouble(row -> row[j] + half)
              .toArray();
      Choice straight = choices.get(j).straight(values);
      both.add(straight);
      columns[size + s] = j;
      gains[s] =
          (CurveFit.likelihood(straight.kind().curve(), values)
                  - CurveFit.likelihood(kind.curve(), values))
              * values.length
              / sample.length;
    }
    RealMatrix all = correlations(both, columns, sample);
    boolean[] straight = new boolean[curved.length];
    ToDoubleFunction<boolean[]> likelihood =
        which -> {
          int[] chosen = IntStream.range(0, size).toArray();
          double sum = 0;
          for (int s = 0; s < which.length; s++) {
            chosen[curved[s]] = which[s] ? size + s : curved[s];
            sum += which[s] ? gains[s] : 0;
          }
          RealMatrix root = new CholeskyDecomposition(all.getSubMatrix(chosen, chosen)).getL();
          return sum
              - IntStream.range(0, size).mapToDouble(c -> Math.log(root.getEntry(c, c))).sum();
        };
    double best = likelihood.applyAsDouble(straight);
    for (double least : TOGETHER) {
      List<Integer> left =
          IntStream.range(0, curved.length)
              .filter(s -> !straight[s])
              .boxed()
              .collect(Collectors.toCollection(LinkedList::new));
      while (!left.isEmpty()) {
        List<Integer> group = new ArrayList<>(List.of(left.remove(0)));
        for (int i = 0; i < group.size(); i++) {
          int row = size + group.get(i);
          List<Integer> near =
              left.stream().filter(s -> Math.abs(all.getEntry(row, size + s)) >= least).toList();
          group.addAll(near);
          left.removeAll(near);
        }
        boolean[] trial = straight.clone();
        group.forEach(s -> trial[s] = true);
        double found = likelihood.applyAsDouble(trial);
        if (found > best + CurveFit.LEAST_GAIN) {
          best = found;
          group.forEach(s -> straight[s] = true);
        }
      }
    }
    List<Choice> better = new ArrayList<>(choices);
    for (int s = 0; s < curved.length; s++) {
      if (straight[s]) {
        better.set(numbers[curved[s]], both.get(size + s));
      }
    }
    return better;
  }

  /**
   * The correlations of the coordinates, {@code [C, C]}, positive definite. A coordinate that is of
   * no matter to a row is 0 there, and has variance 1 in all. It costs {@code N C^2}.
   *
   * @param choices of the features, {@code [D]}
   * @param sample of the rows, {@code [N][D]}
   * @return empty if there are no coordinates, too many, or too few rows for them
   */
  public static Optional<RealMatrix> correlations(List<Choice> choices, float[][] sample) {
    int[] numbers = numbers(choices);
    int size = numbers.length;
    if (size == 0 || size > MOST_CORRELATED || sample.length <= 2 * size) {
      return Optional.empty();
    }
    return Optional.of(
        correlations(IntStream.of(numbers).mapToObj(choices::get).toList(), numbers, sample));
  }

  private static RealMatrix correlations(List<Choice> choices, int[] columns, float[][] sample) {
    int size = columns.length;
    double[][] sums = new double[size][size];
    double[] z = new double[size];
    for (float[] row : sample) {
      for (int c = 0; c < size; c++) {
        FeatureKind kind = choices.get(c).kind();
        float x = row[columns[c]];
        z[c] = kind.isNumber(x) ? kind.coordinate(x) : 0;
      }
      for (int c = 0; c < size; c++) {
        for (int d = 0; d <= c; d++) {
          sums[c][d] += z[c] * z[d];
        }
      }
    }
    RealMatrix matrix = MatrixUtils.createRealMatrix(size, size);
    for (int c = 0; c < size; c++) {
      for (int d = 0; d <= c; d++) {
        matrix.setEntry(c, d, sums[c][d] / sample.length);
        matrix.setEntry(d, c, sums[c][d] / sample.length);
      }
      matrix.setEntry(c, c, Math.max(1, matrix.getEntry(c, c)) + RIDGE);
    }
    return matrix;
  }
}
