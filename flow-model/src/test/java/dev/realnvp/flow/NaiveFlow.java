package dev.realnvp.flow;

import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.AffineCoupling;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.flow.layer.ContextEmbedding;
import dev.realnvp.flow.layer.Coupling;
import dev.realnvp.flow.layer.ElementwiseAffine;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.MixedFeatures;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.SplineCoupling;
import dev.realnvp.flow.layer.Standardization;
import dev.realnvp.flow.layer.Transform;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A flow by the equations of its layers, in double and one number at a time: slow, and written
 * without the stages. Rows are {@code [N, D]}, contexts {@code [N, C]}.
 */
public final class NaiveFlow {

  /** Between 1 and the next float. */
  private static final double FLOAT_EPSILON = 0x1p-23;

  private static final int ROUNDED_RESULTS = 4;

  private final List<Transform> layers;
  private final Map<String, double[][]> params = new HashMap<>();
  private final DoubleUnaryOperator rounding;

  /** Of a flow's layers, with the parameters that it has at this moment. */
  public NaiveFlow(RealNVP flow) {
    this(flow, DoubleUnaryOperator.identity());
  }

  /**
   * One whose parameters, and rows after every layer, are changed as roundings would: a sum of
   * products in floats is the exact one of slightly other factors (Higham, Accuracy and Stability
   * of Numerical Algorithms, 2002, section 3.1).
   */
  private NaiveFlow(RealNVP flow, DoubleUnaryOperator rounding) {
    this.rounding = rounding;
    layers = flow.layers();
    for (Map.Entry<String, INDArray> param : flow.network().paramTable().entrySet()) {
      INDArray value = param.getValue().castTo(DataType.DOUBLE);
      params.put(
          param.getKey(),
          (value.rank() == 2 ? value : value.reshape(1, value.length())).toDoubleMatrix());
    }
    params.values().forEach(this::round);
  }

  /**
   * How far single precision may take a result from the exact one: the largest difference that a
   * few random choices of roundings have made, of each element.
   */
  static double[] roundings(RealNVP flow, Function<NaiveFlow, double[]> result) {
    double[] exact = result.apply(new NaiveFlow(flow));
    double[] largest = new double[exact.length];
    Random random = new Random(1);
    for (int k = 0; k < ROUNDED_RESULTS; k++) {
      double[] rounded =
          result.apply(
              new NaiveFlow(flow, v -> v * (1 + FLOAT_EPSILON * (2 * random.nextDouble() - 1))));
      for (int i = 0; i < largest.length; i++) {
        largest[i] = Math.max(largest[i], Math.abs(rounded[i] - exact[i]));
      }
    }
    return largest;
  }

  private void round(double[][] values) {
    for (double[] row : values) {
      for (int j = 0; j < row.length; j++) {
        row[j] = rounding.applyAsDouble(row[j]);
      }
    }
  }

  /** What a pass gives: rows, and the log-determinant of each. */
  public record Result(double[][] rows, double[] logDet) {}

  /** The elements of a parameter, {@code [rows, columns]}, which may be changed. */
  double[][] param(String name) {
    return params.get(name);
  }

  /**
   * Data to base.
   *
   * @param training whether batch norms take the statistics of these rows
   */
  public Result forward(double[][] x, double[][] context, boolean training) {
    return run(x, context, training, false);
  }

  /** Base to data, of a flow without levels, which are not drawn here. */
  public Result inverse(double[][] z, double[][] context) {
    return run(z, context, false, true);
  }

  private Result run(double[][] from, double[][] context, boolean training, boolean back) {
    double[][] rows = from;
    double[] logDet = new double[rows.length];
    double[][] given = context == null ? new double[from.length][0] : given(context);
    for (int k = 0; k < layers.size(); k++) {
      int layer = back ? layers.size() - 1 - k : k;
      double[][] next = new double[rows.length][];
      for (int i = 0; i < rows.length; i++) {
        double[][] batch = training && rows.length > 1 ? rows : null;
        Pass pass = new Pass(layer + "_", rows[i], given[i], batch, back);
        next[i] = layers.get(layer).accept(pass);
        given[i] = pass.given;
        logDet[i] += pass.logDet;
      }
      rows = next;
      // What no layer has changed may hold levels, which are what they are.
      if (!(layers.get(layer) instanceof ContextEmbedding)) {
        round(rows);
      }
    }
    return new Result(rows, logDet);
  }

  /** {@code log p(x | context)} of each row, in nats. */
  public double[] logProb(double[][] x, double[][] context, boolean training) {
    Result z = forward(x, context, training);
    return IntStream.range(0, x.length)
        .mapToDouble(i -> standardNormal(z.rows[i]) + z.logDet[i])
        .toArray();
  }

  /** {@code log N(z; 0, I)} of one row, in nats. */
  static double standardNormal(double[] z) {
    return Arrays.stream(z).map(v -> -(v * v + Math.log(2 * Math.PI)) / 2).sum();
  }

  /** What couplings get. */
  private double[][] given(double[][] context) {
    if (!(layers.get(0) instanceof ContextEmbedding)) {
      return context.clone();
    }
    double[][] weights = params.get("0_W");
    double[][] given = new double[context.length][weights[0].length];
    for (int i = 0; i < given.length; i++) {
      for (int c = 0; c < weights.length; c++) {
        for (int e = 0; e < given[i].length; e++) {
          given[i][e] += context[i][c] * weights[c][e];
        }
      }
    }
    return given;
  }

  /** An increasing function of one feature. */
  interface Curve {
    double value(double x);

    double inverse(double z);

    double logSlope(double x);
  }

  /** {@code z = (x - before) exp(logScale) + after}. */
  private record Line(double before, double logScale, double after) implements Curve {

    @Override
    public double value(double x) {
      return (x - before) * Math.exp(logScale) + after;
    }

    @Override
    public double inverse(double z) {
      return (z - after) / Math.exp(logScale) + before;
    }

    @Override
    public double logSlope(double x) {
      return logScale;
    }
  }

  /** One row's way through a transform; the visitor gives the next row. */
  private final class Pass implements Transform.Visitor<double[]> {

    private final String prefix;
    private final double[] row;
    private double[] given;
    private final double[][] batch;
    private final boolean back;
    private double logDet;

    /**
     * @param given what couplings get
     * @param batch whose statistics a batch norm takes; null for its own
     */
    Pass(String prefix, double[] row, double[] given, double[][] batch, boolean back) {
      this.prefix = prefix;
      this.row = row;
      this.given = given;
      this.batch = batch;
      this.back = back;
    }

    private double[] along(int[] features, IntFunction<Curve> curves) {
      double[] next = row.clone();
      for (int k = 0; k < features.length; k++) {
        Curve curve = curves.apply(k);
        double value = row[features[k]];
        double x = back ? curve.inverse(value) : value;
        next[features[k]] = back ? x : curve.value(x);
        logDet += (back ? -1 : 1) * curve.logSlope(x);
      }
      return next;
    }

    private double[] alongAll(IntFunction<Curve> curves) {
      return along(IntStream.range(0, row.length).toArray(), curves);
    }

    private double vector(String name, int j) {
      return params.get(prefix + name)[0][j];
    }

    @Override
    public double[] embedding(ContextEmbedding transform) {
      return row;
    }

    @Override
    public double[] mixed(MixedFeatures transform) {
      if (back) {
        throw new UnsupportedOperationException("levels are not drawn here");
      }
      double[] hots = new double[transform.contextAfter() - transform.context()];
      double[] coordinates = new double[transform.featuresAfter()];
      for (int k = 0; k < coordinates.length; k++) {
        coordinates[k] = k % 2 == 0 ? 1 : -1;
      }
      logDet = -standardNormal(coordinates);
      int start = 0;
      int c = 0;
      for (int j = 0; j < row.length; j++) {
        FeatureKind kind = transform.kinds().get(j);
        int size = kind.size();
        boolean atLevel = false;
        if (size > 0) {
          int level = level(kind, row[j]);
          atLevel = level < size - 1;
          // Of later levels it is told nothing, whatever the weights are.
          double[] logits = layered("", transform.hidden().size(), joined(given, hots));
          double sum = 0;
          for (int k = 0; k < logits.length; k++) {
            logits[k] = 10 * logits[k] + vector("logFrequency", k);
            sum += k >= start && k < start + size ? Math.exp(logits[k]) : 0;
          }
          logDet += logits[start + level] - Math.log(sum);
          logDet -= atLevel || kind.isContinuous() ? 0 : Math.log(kind.others());
          hots[start + level] = 1;
          start += size;
        }
        if (kind.isContinuous()) {
          if (!atLevel) {
            double x = row[j] + (kind.whole() ? 0.5 : 0);
            double v = (x - kind.curve().location()) / kind.curve().scale();
            double root = kind.curve().soft() ? Math.sqrt(1 + v * v) : 1;
            double u = kind.curve().soft() ? Math.signum(v) * Math.log(Math.abs(v) + root) : v;
            double rate = kind.curve().scale() * kind.curve().deviation() * root;
            logDet += standardNormal(new double[] {coordinates[c]}) - Math.log(rate);
            coordinates[c] = (u - kind.curve().mean()) / kind.curve().deviation();
          }
          c++;
        }
      }
      given = joined(given, hots);
      return coordinates;
    }

    private int level(FeatureKind kind, double value) {
      if (kind.copied() >= 0) {
        double original = row[kind.copied()];
        return value == original || value != value && original != original ? 0 : 1;
      }
      int count = kind.levels().size();
      for (int k = 0; k < count; k++) {
        if (kind.levels().get(k) == value) {
          return k;
        }
      }
      return kind.missing() && value == value ? count + 1 : count;
    }

    @Override
    public double[] standardization(Standardization transform) {
      return alongAll(j -> new Line(vector("mean", j), -Math.log(vector("scale", j)), 0));
    }

    @Override
    public double[] batchNorm(InvertibleBatchNorm transform) {
      return alongAll(
          j -> {
            double mean = vector("mean", j);
            double variance = vector("var", j);
            if (batch != null) {
              double center = Arrays.stream(batch).mapToDouble(r -> r[j]).average().orElseThrow();
              mean = center;
              variance =
                  Arrays.stream(batch).mapToDouble(r -> Math.pow(r[j] - center, 2)).sum()
                      / (batch.length - 1);
            }
            double logScale = vector("logGamma", j) - Math.log(variance + 1e-5) / 2;
            return new Line(mean, logScale, vector("beta", j));
          });
    }

    @Override
    public double[] elementwise(ElementwiseAffine transform) {
      return alongAll(
          j -> {
            double u = 0;
            double b = vector("shift", j);
            for (int c = 0; transform.conditional() && c < given.length; c++) {
              u += params.get(prefix + "contextLogScale")[c][j] * given[c];
              b += params.get(prefix + "contextShift")[c][j] * given[c];
            }
            return new Line(0, vector("logScale", j) + 3 * Math.tanh(u / 3), b);
          });
    }

    @Override
    public double[] affine(AffineCoupling coupling) {
      int[] changed = coupling.transformedFeatures();
      double[] scales = network(coupling.sharedNetwork() ? "" : "scale", coupling);
      double[] shifts =
          coupling.sharedNetwork()
              ? Arrays.copyOfRange(scales, changed.length, scales.length)
              : network("shift", coupling);
      return along(changed, k -> new Line(0, Math.tanh(scales[k]), shifts[k]));
    }

    @Override
    public double[] spline(SplineCoupling coupling) {
      int[] changed = coupling.transformedFeatures();
      double[] out = network("", coupling);
      return along(
          changed,
          k -> {
            double[] own = new double[3 * coupling.bins() - 1];
            Arrays.setAll(own, p -> out[p * changed.length + k]);
            return new NaiveSpline(own, coupling.bins(), coupling.bound());
          });
    }

    @Override
    public double[] permutation(Permutation transform) {
      return permuted(row, transform.order());
    }

    private double[] permuted(double[] values, List<Integer> order) {
      double[] next = new double[values.length];
      for (int j = 0; j < next.length; j++) {
        next[back ? order.get(j) : j] = values[back ? j : order.get(j)];
      }
      return next;
    }

    /** {@code P L (U + diag(sign exp(logS))) x}, and back by substitution. */
    @Override
    public double[] linear(InvertibleLinear transform) {
      double[][] lu = params.get(prefix + "lu");
      int size = row.length;
      double[] diagonal = new double[size];
      for (int i = 0; i < size; i++) {
        diagonal[i] = transform.sign().get(i) * Math.exp(lu[i][i]);
        logDet += (back ? -1 : 1) * lu[i][i];
      }
      if (back) {
        double[] x = permuted(row, transform.order());
        for (int i = 0; i < size; i++) {
          for (int j = 0; j < i; j++) {
            x[i] -= lu[i][j] * x[j];
          }
        }
        for (int i = size - 1; i >= 0; i--) {
          for (int j = i + 1; j < size; j++) {
            x[i] -= lu[i][j] * x[j];
          }
          x[i] /= diagonal[i];
        }
        return x;
      }
      double[] u = new double[size];
      double[] v = new double[size];
      for (int i = 0; i < size; i++) {
        u[i] = diagonal[i] * row[i];
        for (int j = i + 1; j < size; j++) {
          u[i] += lu[i][j] * row[j];
        }
        v[i] = u[i];
        for (int j = 0; j < i; j++) {
          v[i] += lu[i][j] * u[j];
        }
      }
      return permuted(v, transform.order());
    }

    private double[] network(String name, Coupling coupling) {
      int[] kept = coupling.identityFeatures();
      double[] h = Arrays.copyOf(row, kept.length + coupling.context());
      Arrays.setAll(h, k -> k < kept.length ? row[kept[k]] : given[k - kept.length]);
      int blocks = coupling.hidden().size();
      if (coupling.conditioner() == Conditioner.Kind.RESIDUAL) {
        h = affine(name, 0, h);
        for (int k = 0; k < blocks; k++) {
          double[] inner = relu(affine(name, 2 * k + 1, relu(h)));
          double[] more = affine(name, 2 * k + 2, inner);
          for (int o = 0; o < h.length; o++) {
            h[o] += more[o];
          }
        }
        return affine(name, 2 * blocks + 1, h);
      }
      return layered(name, blocks, h);
    }

    private double[] layered(String name, int hidden, double[] in) {
      double[] h = in;
      for (int l = 0; l < hidden; l++) {
        h = relu(affine(name, l, h));
      }
      return affine(name, hidden, h);
    }

    private double[] affine(String name, int map, double[] in) {
      double[][] weights = params.get(prefix + name + "W" + map);
      double[] out = params.get(prefix + name + "b" + map)[0].clone();
      for (int o = 0; o < out.length; o++) {
        for (int k = 0; k < in.length; k++) {
          out[o] += in[k] * weights[k][o];
        }
      }
      return out;
    }
  }

  private static double[] joined(double[] first, double[] second) {
    return DoubleStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  private static double[] relu(double[] values) {
    return Arrays.stream(values).map(v -> Math.max(0, v)).toArray();
  }
}
