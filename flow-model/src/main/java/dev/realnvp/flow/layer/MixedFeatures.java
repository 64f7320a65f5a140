package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.flow.column.FeatureKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The begin of a flow of features some of which are discrete, or have atoms:
 *
 * <pre>
 * log p(x | c) = sum_m log P(l_m | l_1 ... l_(m-1), c) + log p(z | l, c) + sum_j log dz_j/dx_j
 * </pre>
 *
 * <p>with the level l of each feature that has levels, and the coordinate z of each number, as
 * {@link FeatureKind} says. It adds the first and the last sum to the log-determinant; the
 * transforms after it have the density of z, given c and the one-hot vectors of the levels.
 *
 * <p>The probabilities are those of a masked autoregressive network (Germain et al. 2015, MADE:
 * Masked Autoencoder for Distribution Estimation): a {@link Conditioner} of c and the one-hot
 * vectors, in which weights are 0 where a level would see itself or a later one. Its outputs times
 * {@link #GAIN}, added to the logarithms of the levels' frequencies, are logits.
 *
 * <p>A feature with both levels and a curve has a coordinate that is of no matter where the row is
 * at one of the levels. There z is drawn from the base distribution in training, and {@code log
 * N(z; 0, 1)} is taken off. Otherwise it is 1 or -1, in turn, the nodes of the Gauss-Hermite
 * quadrature with two points: what is taken off has there its mean, so that such a row seems no
 * likelier than it is. So are coordinates that belong to no feature: couplings need two at least.
 *
 * <p>Of a feature of whole numbers training sees {@code x + u}, with u uniform in [0, 1); otherwise
 * it is {@code x + 1/2}, whose density is that of the number by the midpoint rule.
 *
 * @param context C
 * @param kinds of the features, {@code [D]}
 * @param hidden the sizes of the network's hidden layers, at least one
 * @param surroundings how many values are stored of what the train rows are like beside the
 *     density, for the distance; 0 for none
 */
public record MixedFeatures(
    int context, List<FeatureKind> kinds, List<Integer> hidden, int surroundings)
    implements Transform {

  /**
   * By what the network's outputs are multiplied, which makes its steps larger: frequencies are
   * learnt in less time than densities.
   */
  public static final double GAIN = 10;

  /** Of the initial weights of the outputs, so that logits are at first the frequencies'. */
  private static final double LITTLE = 1e-2;

  /** The name of the logarithms of the levels' frequencies, {@code [S]}. */
  public static final String FREQUENCIES = "logFrequency";

  /** The name of the values that are stored for the distance, {@code [surroundings]}. */
  public static final String SURROUNDINGS = "surroundings";

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public MixedFeatures {
    kinds = List.copyOf(kinds);
    hidden = List.copyOf(hidden);
    FlowRowLayout.requireSizes(kinds.size(), context);
    if (surroundings < 0) {
      throw new IllegalArgumentException(
          "surroundings: got %d, expected at least 0".formatted(surroundings));
    }
    if (hidden.isEmpty() || hidden.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "hidden: got " + hidden + ", expected at least one size, each at least 1");
    }
    for (int j = 0; j < kinds.size(); j++) {
      if (kinds.get(j).copied() >= j) {
        throw new IllegalArgumentException(
            "feature %d: got a copy of %d, expected one of a feature before it"
                .formatted(j, kinds.get(j).copied()));
      }
    }
  }

  /** D. */
  @Override
  public int features() {
    return kinds.size();
  }

  /** The number of coordinates: of numbers; none, or at least two. */
  @Override
  public int featuresAfter() {
    int numbers = (int) kinds.stream().filter(FeatureKind::isContinuous).count();
    return numbers == 1 ? 2 : numbers;
  }

  @Override
  public int contextAfter() {
    return context + levels();
  }

  /** S, the number of levels of all features. */
  public int levels() {
    return kinds.stream().mapToInt(FeatureKind::size).sum();
  }

  /** M, the number of features that have levels. */
  @Override
  public int discrete() {
    return (int) kinds.stream().filter(kind -> kind.size() > 0).count();
  }

  @Override
  public Map<String, Double> constants() {
    return Map.of("gain", GAIN);
  }

  private Conditioner network() {
    return Conditioner.of("", Conditioner.Kind.MLP, context + levels(), hidden, levels());
  }

  /**
   * The network's and the logarithms of the frequencies, if a feature has levels; the surroundings.
   */
  @Override
  public ParamLayout layout() {
    List<ParamLayout.Param> params = new ArrayList<>();
    if (levels() > 0) {
      for (ParamLayout.Param param : network().params()) {
        int map = params.size() / 2;
        boolean ofOutputs = map == hidden.size();
        params.add(
            param.shape().length == 2
                ? masked(param, map, ofOutputs ? LITTLE : 1)
                : ofOutputs
                    ? new ParamLayout.Param(
                        param.name(), param.shape(), ParamLayout.constant(0), true)
                    : param);
      }
      params.add(
          new ParamLayout.Param(
              FREQUENCIES, new long[] {levels()}, ParamLayout.constant(0), false));
    }
    if (surroundings > 0) {
      params.add(
          new ParamLayout.Param(
              SURROUNDINGS, new long[] {surroundings}, ParamLayout.constant(0), false));
    }
    return new ParamLayout(params);
  }

  private ParamLayout.Param masked(ParamLayout.Param param, int map, double scale) {
    ParamLayout.Init init =
        target -> {
          param.init().fill(target);
          boolean[] mask = masks().get(map);
          float[] passed = new float[mask.length];
          for (int i = 0; i < passed.length; i++) {
            passed[i] = mask[i] ? (float) scale : 0;
          }
          INDArray factors = Nd4j.createFromArray(passed).reshape('f', param.shape());
          target.muli(factors.castTo(target.dataType()));
        };
    return new ParamLayout.Param(param.name(), param.shape(), init, param.trained());
  }

  /**
   * Which weights of each map are not 0, {@code [in, out]}, column-major. Inputs of the context
   * have the degree 0, those of the m-th levels m, from 1; hidden units have degrees from 0 to M -
   * 1, in turn. A unit sees those of at most its own degree, an output of the m-th levels those
   * below m.
   */
  public List<boolean[]> masks() {
    int[] given = new int[context];
    int[] ofLevels =
        IntStream.range(0, kinds.size())
            .flatMap(
                j -> {
                  int degree =
                      1 + (int) kinds.subList(0, j).stream().filter(k -> k.size() > 0).count();
                  return IntStream.generate(() -> degree).limit(kinds.get(j).size());
                })
            .toArray();
    int most = Math.max(1, discrete());
    int[] before = IntStream.concat(Arrays.stream(given), Arrays.stream(ofLevels)).toArray();
    List<boolean[]> masks = new ArrayList<>();
    for (int size : hidden) {
      // Units that see nothing are of no use.
      int least = context > 0 || most == 1 ? 0 : 1;
      int[] after =
          IntStream.range(0, size).map(i -> least + i % Math.max(1, most - least)).toArray();
      masks.add(mask(before, after, 0));
      before = after;
    }
    masks.add(mask(before, ofLevels, 1));
    return masks;
  }

  private static boolean[] mask(int[] before, int[] after, int less) {
    boolean[] mask = new boolean[Math.multiplyExact(before.length, after.length)];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = before[i % before.length] <= after[i / before.length] - less;
    }
    return mask;
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.mixed(this);
  }

  /** {@link MixedFeatures} on plain arrays. Rows are stored column by column. */
  private static final class Stage extends Kernel {

    private static final double LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;
    private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

    /** Keeps the latent of a level away from both infinities. */
    private static final double LEAST = 1e-12;

    private final int context;
    private final FeatureKind[] kinds;
    private final int levels;
    private final int discrete;
    private final int coordinates;
    private final List<boolean[]> masks;
    private final List<Integer> sizes;
    private final Conditioner.Stages network;

    /** The level of feature j of row i is element {@code j N + i}. */
    private int[] level = new int[0];

    private final Floats raw = new Floats();
    private final Floats given = new Floats();
    private final Floats givenGradient = new Floats();
    private final Floats out = new Floats();
    private final Floats back = new Floats();
    private final Floats probabilities = new Floats();

    /** What the stages before had given, and its gradient, if it is wanted. */
    private Floats before;

    private Floats beforeGradient;
    private boolean trains;

    Stage(MixedFeatures transform) {
      super(transform);
      context = transform.context;
      kinds = transform.kinds.toArray(FeatureKind[]::new);
      levels = transform.levels();
      discrete = transform.discrete();
      coordinates = transform.featuresAfter();
      masks = levels > 0 ? transform.masks() : List.of();
      sizes = transform.network().sizes();
      network = levels > 0 ? new Conditioner.Stages(transform.network()) : null;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int rows = batch.rows();
      trains = training;
      before = batch.condition();
      beforeGradient = batch.conditionGradient();
      System.arraycopy(
          batch.values().array(),
          0,
          raw.ensureCapacity((long) rows * kinds.length),
          0,
          rows * kinds.length);
      level = level.length < rows * kinds.length ? new int[rows * kinds.length] : level;
      float[] x = raw.array();
      for (int j = 0; j < kinds.length; j++) {
        for (int i = 0; i < rows; i++) {
          level[j * rows + i] = kinds[j].level(x[j * rows + i], original(x, j, i, rows));
        }
      }
      condition(rows);
      place(batch, training);
      float[] latents = training ? null : batch.latents().ensureCapacity((long) rows * discrete);
      if (levels > 0) {
        probabilities(rows);
        int offset = 0;
        int m = 0;
        for (int j = 0; j < kinds.length; j++) {
          int size = kinds[j].size();
          for (int i = 0; i < rows && size > 0; i++) {
            int own = level[j * rows + i];
            batch.logDet()[i] += logProb(j, own, offset, i, rows);
            if (latents != null) {
              latents[m * rows + i] = latent(j, own, offset, i, rows);
            }
          }
          offset += size;
          m += size > 0 ? 1 : 0;
        }
      }
      batch.values(out);
      batch.condition(given, beforeGradient == null ? null : givenGradient);
      if (beforeGradient != null) {
        givenGradient.zeros(rows * (context + levels));
      }
    }

    private float original(float[] x, int j, int i, int rows) {
      return kinds[j].copied() < 0 ? 0 : x[kinds[j].copied() * rows + i];
    }

    /** Gives the stages after this one what it is given, and the levels. */
    private void condition(int rows) {
      float[] to = given.zeros(rows * (context + levels));
      System.arraycopy(before.array(), 0, to, 0, rows * context);
      int offset = context;
      for (int j = 0; j < kinds.length; j++) {
        for (int i = 0; i < rows && kinds[j].size() > 0; i++) {
          to[(offset + level[j * rows + i]) * rows + i] = 1;
        }
        offset += kinds[j].size();
      }
    }

    /** Computes the coordinates. */
    private void place(Batch batch, boolean training) {
      int rows = batch.rows();
      SplittableRandom random = training ? new SplittableRandom(Nd4j.getRandom().nextLong()) : null;
      float[] x = raw.array();
      float[] z = out.ensureCapacity((long) rows * coordinates);
      int c = 0;
      for (int j = 0; j < kinds.length; j++) {
        FeatureKind kind = kinds[j];
        if (!kind.isContinuous()) {
          continue;
        }
        for (int i = 0; i < rows; i++) {
          if (isNumber(j, i, rows)) {
            double v = x[j * rows + i] + (kind.whole() ? training ? random.nextDouble() : 0.5 : 0);
            double noise = training && kind.noise() > 0 ? kind.noise() * random.nextGaussian() : 0;
            z[c * rows + i] = (float) (kind.curve().at(v) + noise);
            batch.logDet()[i] += kind.curve().logSlope(v);
          } else {
            free(batch, random, z, c, i);
          }
        }
        c++;
      }
      for (; c < coordinates; c++) {
        for (int i = 0; i < rows; i++) {
          free(batch, random, z, c, i);
        }
      }
    }

    private boolean isNumber(int j, int i, int rows) {
      FeatureKind kind = kinds[j];
      return kind.isContinuous() && (kind.size() == 0 || level[j * rows + i] == kind.size() - 1);
    }

    /** A coordinate that is of no matter to its row. */
    private static void free(Batch batch, SplittableRandom random, float[] z, int c, int i) {
      double value = random == null ? 1 - 2 * (c % 2) : random.nextGaussian();
      z[c * batch.rows() + i] = (float) value;
      batch.logDet()[i] += value * value / 2 + LOG_ROOT_TWO_PI;
    }

    /** Computes the probabilities of all levels, given the levels before. */
    private void probabilities(int rows) {
      network.bind(values(), gradients(), firstTrained());
      float[] logits = network.forward(given, rows).array();
      float[] p = probabilities.ensureCapacity((long) rows * levels);
      int offset = 0;
      for (FeatureKind kind : kinds) {
        for (int i = 0; i < rows; i++) {
          softmax(logits, p, offset, kind.size(), i, rows);
        }
        offset += kind.size();
      }
    }

    private void softmax(float[] logits, float[] p, int offset, int size, int i, int rows) {
      double most = Double.NEGATIVE_INFINITY;
      for (int k = offset; k < offset + size; k++) {
        most = Math.max(most, GAIN * logits[k * rows + i] + untrained(k));
      }
      double sum = 0;
      for (int k = offset; k < offset + size; k++) {
        double term = Math.exp(GAIN * logits[k * rows + i] + untrained(k) - most);
        p[k * rows + i] = (float) term;
        sum += term;
      }
      for (int k = offset; k < offset + size; k++) {
        p[k * rows + i] = (float) (p[k * rows + i] / sum);
      }
    }

    private double logProb(int j, int own, int offset, int i, int rows) {
      boolean others = own == kinds[j].size() - 1 && !kinds[j].isContinuous();
      double p = Math.max(probabilities.array()[(offset + own) * rows + i], Float.MIN_NORMAL);
      return Math.log(p) - (others ? Math.log(kinds[j].others()) : 0);
    }

    /** The normal quantile in the middle of the level's part of the cumulative distribution. */
    private float latent(int j, int own, int offset, int i, int rows) {
      float[] p = probabilities.array();
      double sum = 0;
      for (int k = 0; k < own; k++) {
        sum += p[(offset + k) * rows + i];
      }
      double middle = sum + p[(offset + own) * rows + i] / 2.0;
      return (float)
          NORMAL.inverseCumulativeProbability(Math.min(Math.max(middle, LEAST), 1 - LEAST));
    }

    /** The levels of the batch's latents; of values that were never seen there are none. */
    @Override
    public void condition(Batch batch) {
      int rows = batch.rows();
      before = batch.condition();
      level = level.length < rows * kinds.length ? new int[rows * kinds.length] : level;
      Arrays.fill(level, 0, rows * kinds.length, 0);
      float[] latents = batch.latents().array();
      int offset = 0;
      int m = 0;
      for (int j = 0; j < kinds.length; j++) {
        int size = kinds[j].size();
        if (size > 0) {
          condition(rows);
          probabilities(rows);
          for (int i = 0; i < rows; i++) {
            level[j * rows + i] = drawn(j, latents[m * rows + i], offset, i, rows);
          }
          m++;
        }
        offset += size;
      }
      condition(rows);
      batch.condition(given, null);
    }

    private int drawn(int j, float latent, int offset, int i, int rows) {
      double place = NORMAL.cumulativeProbability(latent);
      double sum = 0;
      int own = 0;
      for (; own < kinds[j].size() - 1; own++) {
        sum += probabilities.array()[(offset + own) * rows + i];
        if (place < sum) {
          break;
        }
      }
      return own;
    }

    @Override
    public void inverse(Batch batch) {
      int rows = batch.rows();
      float[] z = batch.values().array();
      float[] x = back.ensureCapacity((long) rows * kinds.length);
      int c = 0;
      int offset = 0;
      for (int j = 0; j < kinds.length; j++) {
        FeatureKind kind = kinds[j];
        for (int i = 0; i < rows; i++) {
          int own = kind.size() > 0 ? level[j * rows + i] : 0;
          if (isNumber(j, i, rows)) {
            double v = kind.curve().inverse(z[c * rows + i]);
            x[j * rows + i] = (float) (kind.whole() ? Math.floor(v) : v);
            batch.logDet()[i] -= kind.curve().logSlope(v);
          } else {
            x[j * rows + i] = kind.value(own, original(x, j, i, rows));
            batch.logDet()[i] -= kind.isContinuous() ? LOG_ROOT_TWO_PI + 0.5 : 0;
          }
          if (kind.size() > 0) {
            batch.logDet()[i] -= logProb(j, own, offset, i, rows);
          }
        }
        c += kind.isContinuous() ? 1 : 0;
        offset += kind.size();
      }
      for (; c < coordinates; c++) {
        addLogDet(batch, -LOG_ROOT_TWO_PI - 0.5);
      }
      batch.values(back);
    }

    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int rows = batch.rows();
      float[] dz = batch.values().array();
      float[] dx = back.zeros(rows * kinds.length);
      int c = 0;
      for (int j = 0; j < kinds.length && needsInputGradient; j++) {
        FeatureKind kind = kinds[j];
        for (int i = 0; i < rows && kind.isContinuous(); i++) {
          if (isNumber(j, i, rows)) {
            double v = raw.array()[j * rows + i] + (kind.whole() ? 0.5 : 0);
            dx[j * rows + i] =
                (float)
                    (dz[c * rows + i] * Math.exp(kind.curve().logSlope(v))
                        - batch.weight(i) * kind.curve().bend(v));
          }
        }
        c += kind.isContinuous() ? 1 : 0;
      }
      batch.values(back);
      Floats after = batch.conditionGradient();
      Floats sums = after == null || beforeGradient != null ? beforeGradient : new Floats();
      if (sums != null) {
        float[] to = beforeGradient == null ? sums.zeros(rows * context) : sums.array();
        for (int i = 0; i < rows * context; i++) {
          to[i] += after.array()[i];
        }
      }
      if (trains && levels > 0) {
        train(batch, sums == null ? null : sums.array());
      }
      batch.condition(before, sums);
    }

    /**
     * The gradient of {@code -w log P} with respect to the outputs is w times the gain times P less
     * the one-hot.
     *
     * @param sums to which the gradient of what is given is added; null if it is not wanted
     */
    private void train(Batch batch, float[] sums) {
      int rows = batch.rows();
      float[] p = probabilities.array();
      float[] hot = given.array();
      for (int k = 0; k < levels; k++) {
        for (int i = 0; i < rows; i++) {
          int at = k * rows + i;
          p[at] = (float) GAIN * batch.weight(i) * (p[at] - hot[context * rows + at]);
        }
      }
      Floats byGiven = network.backward(probabilities, rows, sums == null ? 0 : context);
      for (int i = 0; i < rows * context && sums != null; i++) {
        sums[i] += byGiven.array()[i];
      }
      float[] gradient = gradients().array();
      int at = firstTrained();
      for (int map = 0; map < masks.size(); map++) {
        boolean[] mask = masks.get(map);
        for (int i = 0; i < mask.length; i++) {
          gradient[at + i] = mask[i] ? gradient[at + i] : 0;
        }
        at += mask.length + sizes.get(map + 1);
      }
    }
  }
}
