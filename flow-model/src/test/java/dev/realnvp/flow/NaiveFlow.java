package dev.realnvp.flow;

import dev.realnvp.flow.layer.ConditionerKind;
import dev.realnvp.flow.layer.ContextEmbedding;
import dev.realnvp.flow.layer.CouplingLayer;
import dev.realnvp.flow.layer.ElementwiseAffine;
import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.flow.layer.LinearBatchNorm;
import dev.realnvp.flow.layer.LinearCouplingLayer;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.SplineCouplingLayer;
import dev.realnvp.flow.layer.Standardization;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
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

  private final List<FlowLayer> layers;
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
    Result result = start(x);
    double[][] given = given(context);
    for (int i = 0; i < layers.size(); i++) {
      result = forward(i, result, given, training);
      round(result.rows);
    }
    return result;
  }

  /** Base to data. */
  public Result inverse(double[][] z, double[][] context) {
    Result result = start(z);
    double[][] given = given(context);
    for (int i = layers.size() - 1; i >= 0; i--) {
      result = inverse(i, result, given);
      round(result.rows);
    }
    return result;
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
      return context;
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

  private static Result start(double[][] rows) {
    return new Result(
        Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new), new double[rows.length]);
  }

  private Result forward(int index, Result from, double[][] context, boolean training) {
    FlowLayer layer = layers.get(index);
    if (layer instanceof ContextEmbedding) {
      return from;
    }
    if (layer instanceof Permutation permutation) {
      return new Result(map(from.rows, row -> pick(row, permutation.order())), from.logDet);
    }
    if (layer instanceof InvertibleLinear linear) {
      double[][] lu = params.get(index + "_lu");
      double[][] rows = map(from.rows, row -> product(linear, lu, row));
      return new Result(rows, addTrace(from.logDet, lu, 1));
    }
    if (layer instanceof LinearCouplingLayer coupling) {
      for (int i = 0; i < from.rows.length; i++) {
        double[][] st = scaleAndShift(index, coupling, from.rows[i], context, i);
        for (int j = 0; j < st[0].length; j++) {
          from.rows[i][j] = from.rows[i][j] * Math.exp(st[0][j]) + st[1][j];
          from.logDet[i] += st[0][j];
        }
      }
      return from;
    }
    if (layer instanceof SplineCouplingLayer coupling) {
      return spline(index, coupling, from, context, false);
    }
    if (layer instanceof ElementwiseAffine elementwise) {
      for (int i = 0; i < from.rows.length; i++) {
        for (int j = 0; j < layer.features(); j++) {
          double logScale = byContext(index, true, elementwise, context, i, j);
          from.rows[i][j] =
              from.rows[i][j] * Math.exp(logScale)
                  + byContext(index, false, elementwise, context, i, j);
          from.logDet[i] += logScale;
        }
      }
      return from;
    }
    double[][] affine = affine(index, layer, training && from.rows.length > 1 ? from.rows : null);
    for (int i = 0; i < from.rows.length; i++) {
      for (int j = 0; j < affine[0].length; j++) {
        from.rows[i][j] = (from.rows[i][j] - affine[0][j]) * affine[1][j] + affine[2][j];
        from.logDet[i] += Math.log(affine[1][j]);
      }
    }
    return from;
  }

  private Result inverse(int index, Result from, double[][] context) {
    FlowLayer layer = layers.get(index);
    if (layer instanceof ContextEmbedding) {
      return from;
    }
    if (layer instanceof Permutation permutation) {
      int[] order = permutation.order();
      double[][] rows =
          map(
              from.rows,
              row -> {
                double[] back = new double[row.length];
                for (int j = 0; j < row.length; j++) {
                  back[order[j]] = row[j];
                }
                return back;
              });
      return new Result(rows, from.logDet);
    }
    if (layer instanceof InvertibleLinear linear) {
      double[][] lu = params.get(index + "_lu");
      double[][] rows = map(from.rows, row -> solution(linear, lu, row));
      return new Result(rows, addTrace(from.logDet, lu, -1));
    }
    if (layer instanceof LinearCouplingLayer coupling) {
      for (int i = 0; i < from.rows.length; i++) {
        double[][] st = scaleAndShift(index, coupling, from.rows[i], context, i);
        for (int j = 0; j < st[0].length; j++) {
          from.rows[i][j] = (from.rows[i][j] - st[1][j]) * Math.exp(-st[0][j]);
          from.logDet[i] -= st[0][j];
        }
      }
      return from;
    }
    if (layer instanceof SplineCouplingLayer coupling) {
      return spline(index, coupling, from, context, true);
    }
    if (layer instanceof ElementwiseAffine elementwise) {
      for (int i = 0; i < from.rows.length; i++) {
        for (int j = 0; j < layer.features(); j++) {
          double logScale = byContext(index, true, elementwise, context, i, j);
          double shift = byContext(index, false, elementwise, context, i, j);
          from.rows[i][j] = (from.rows[i][j] - shift) * Math.exp(-logScale);
          from.logDet[i] -= logScale;
        }
      }
      return from;
    }
    double[][] affine = affine(index, layer, null);
    for (int i = 0; i < from.rows.length; i++) {
      for (int j = 0; j < affine[0].length; j++) {
        from.rows[i][j] = (from.rows[i][j] - affine[2][j]) / affine[1][j] + affine[0][j];
        from.logDet[i] -= Math.log(affine[1][j]);
      }
    }
    return from;
  }

  /** The log-scale or the shift of feature j of row i. */
  private double byContext(
      int index, boolean scale, ElementwiseAffine layer, double[][] context, int i, int j) {
    double ofContext = 0;
    for (int c = 0; layer.conditional() && c < layer.context(); c++) {
      String name = index + (scale ? "_contextLogScale" : "_contextShift");
      ofContext += params.get(name)[c][j] * context[i][c];
    }
    return scale
        ? params.get(index + "_logScale")[0][j] + 3 * Math.tanh(ofContext / 3)
        : params.get(index + "_shift")[0][j] + ofContext;
  }

  /** {@code P L (U + diag(sign exp(logS))) x}. */
  private static double[] product(InvertibleLinear layer, double[][] lu, double[] x) {
    double[] u = new double[x.length];
    double[] v = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      u[i] = layer.sign()[i] * Math.exp(lu[i][i]) * x[i];
      for (int j = i + 1; j < x.length; j++) {
        u[i] += lu[i][j] * x[j];
      }
      v[i] = u[i];
      for (int j = 0; j < i; j++) {
        v[i] += lu[i][j] * u[j];
      }
    }
    return pick(v, layer.order());
  }

  /** The x of a {@link #product}. */
  private static double[] solution(InvertibleLinear layer, double[][] lu, double[] z) {
    double[] x = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      x[layer.order()[i]] = z[i];
    }
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < i; j++) {
        x[i] -= lu[i][j] * x[j];
      }
    }
    for (int i = z.length - 1; i >= 0; i--) {
      for (int j = i + 1; j < z.length; j++) {
        x[i] -= lu[i][j] * x[j];
      }
      x[i] /= layer.sign()[i] * Math.exp(lu[i][i]);
    }
    return x;
  }

  private static double[] addTrace(double[] logDet, double[][] matrix, int sign) {
    double trace = IntStream.range(0, matrix.length).mapToDouble(i -> matrix[i][i]).sum();
    return Arrays.stream(logDet).map(value -> value + sign * trace).toArray();
  }

  /** {@code z = (x - before) scale + after}: before, scale and after of each feature. */
  private double[][] affine(int index, FlowLayer layer, double[][] batch) {
    int features = layer.features();
    double[][] affine = new double[3][features];
    for (int j = 0; j < features; j++) {
      if (layer instanceof Standardization) {
        affine[0][j] = params.get(index + "_mean")[0][j];
        affine[1][j] = 1 / params.get(index + "_scale")[0][j];
        continue;
      }
      int feature = j;
      double mean = params.get(index + "_mean")[0][j];
      double variance = params.get(index + "_var")[0][j];
      if (batch != null) {
        mean = Arrays.stream(batch).mapToDouble(row -> row[feature]).average().orElseThrow();
        double center = mean;
        variance =
            Arrays.stream(batch).mapToDouble(row -> Math.pow(row[feature] - center, 2)).sum()
                / (batch.length - 1);
      }
      affine[0][j] = mean;
      affine[1][j] =
          Math.exp(params.get(index + "_logGamma")[0][j])
              / Math.sqrt(variance + LinearBatchNorm.EPSILON);
      affine[2][j] = params.get(index + "_beta")[0][j];
    }
    return affine;
  }

  /** s and t of each feature; 0 for those that are kept. */
  private double[][] scaleAndShift(
      int index, LinearCouplingLayer layer, double[] row, double[][] context, int i) {
    boolean[] kept = layer.kept();
    int[] changed = IntStream.range(0, kept.length).filter(j -> !kept[j]).toArray();
    double[] inputs = inputs(layer, row, context, i);
    double[] scales = network(index + (layer.sharedNetwork() ? "_" : "_scale"), layer, inputs);
    double[] shifts =
        layer.sharedNetwork()
            ? Arrays.copyOfRange(scales, changed.length, scales.length)
            : network(index + "_shift", layer, inputs);
    double[][] st = new double[2][kept.length];
    for (int j = 0; j < changed.length; j++) {
      st[0][changed[j]] = Math.tanh(scales[j]);
      st[1][changed[j]] = shifts[j];
    }
    return st;
  }

  private static double[] inputs(CouplingLayer layer, double[] row, double[][] context, int i) {
    boolean[] kept = layer.kept();
    int[] in = IntStream.range(0, kept.length).filter(j -> kept[j]).toArray();
    double[] inputs = Arrays.copyOf(pick(row, in), in.length + layer.context());
    for (int k = 0; k < layer.context(); k++) {
      inputs[in.length + k] = context[i][k];
    }
    return inputs;
  }

  private Result spline(
      int index, SplineCouplingLayer layer, Result from, double[][] context, boolean back) {
    boolean[] kept = layer.kept();
    int[] changed = IntStream.range(0, kept.length).filter(j -> !kept[j]).toArray();
    for (int i = 0; i < from.rows.length; i++) {
      double[] out = network(index + "_", layer, inputs(layer, from.rows[i], context, i));
      for (int j = 0; j < changed.length; j++) {
        double[] own = new double[3 * layer.bins() - 1];
        for (int p = 0; p < own.length; p++) {
          own[p] = out[p * changed.length + j];
        }
        NaiveSpline spline = new NaiveSpline(own, layer.bins(), layer.bound());
        double value = from.rows[i][changed[j]];
        double x = back ? spline.inverse(value) : value;
        from.rows[i][changed[j]] = back ? x : spline.value(x);
        from.logDet[i] += (back ? -1 : 1) * Math.log(spline.slope(x));
      }
    }
    return from;
  }

  private double[] network(String prefix, CouplingLayer layer, double[] inputs) {
    int blocks = layer.hidden().size();
    if (layer.conditioner() == ConditionerKind.RESIDUAL) {
      double[] h = affine(prefix, 0, inputs);
      for (int k = 0; k < blocks; k++) {
        double[] inner = relu(affine(prefix, 2 * k + 1, relu(h)));
        double[] more = affine(prefix, 2 * k + 2, inner);
        for (int o = 0; o < h.length; o++) {
          h[o] += more[o];
        }
      }
      return affine(prefix, 2 * blocks + 1, h);
    }
    double[] h = inputs;
    for (int l = 0; l < blocks; l++) {
      h = relu(affine(prefix, l, h));
    }
    return affine(prefix, blocks, h);
  }

  private static double[] relu(double[] values) {
    return Arrays.stream(values).map(v -> Math.max(0, v)).toArray();
  }

  private double[] affine(String prefix, int map, double[] in) {
    double[][] weights = params.get(prefix + "W" + map);
    double[] out = params.get(prefix + "b" + map)[0].clone();
    for (int o = 0; o < out.length; o++) {
      for (int k = 0; k < in.length; k++) {
        out[o] += in[k] * weights[k][o];
      }
    }
    return out;
  }

  private static double[] pick(double[] row, int[] order) {
    return Arrays.stream(order).mapToDouble(j -> row[j]).toArray();
  }

  private static double[][] map(
      double[][] rows, java.util.function.UnaryOperator<double[]> function) {
    return Arrays.stream(rows).map(function).toArray(double[][]::new);
  }
}
