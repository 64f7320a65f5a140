package dev.realnvp.exchange;

import static dev.realnvp.exchange.OnnxGraph.attribute;
import static dev.realnvp.exchange.OnnxGraph.attributes;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.Curve;
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
import dev.realnvp.model.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import onnx.Onnx;

/**
 * The density of a flow as an ONNX graph, from {@code x}, {@code [N, D]}, to {@code log_prob}, log
 * p(x) in nats, {@code [N]}. A flow of K classes also gives {@code log_prob_class}, log p(x |
 * class), and {@code posterior}, P(class | x), both {@code [N, K]}. One that is conditioned on
 * numbers also takes {@code context}, {@code [N, C]}.
 *
 * <p>All in between is {@code [N, K, D]}, with one K for flows without classes: the context of the
 * classes is the same for all rows, the unit matrix.
 */
public final class FlowOnnx implements Transform.Visitor<String> {

  /** The axis of the features. */
  private static final int LAST = 2;

  private static final double LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;

  /** What is taken off for a coordinate that is of no matter, 1 or -1. */
  private static final double FREE = LOG_ROOT_TWO_PI + 0.5;

  private final OnnxGraph graph = new OnnxGraph();
  private final Map<String, NpyArray> arrays;
  private final RealNVP flow;

  /** What the names of the current transform's arrays begin with. */
  private String prefix;

  /** D of the current transform. */
  private int features;

  /** K. */
  private int alternatives = 1;

  /** {@code [N, K, D]}. */
  private String z;

  /** {@code [N or 1, K, C]}; null without. */
  private String context;

  /** Log-determinants of the rows so far, {@code [N, K]}; null if there are none. */
  private String logDet;

  /** What is the same for all rows. */
  private double constant;

  private FlowOnnx(RealNVP flow, Manifest manifest) {
    this.flow = flow;
    arrays = FlowArrays.of(flow, manifest);
  }

  /**
   * The content of the file.
   *
   * @param prior a weight per class; one for a flow without classes, none for one that is
   *     conditioned on numbers
   */
  public static byte[] of(RealNVP flow, Manifest manifest, double[] prior) {
    FlowOnnx onnx = new FlowOnnx(flow, manifest);
    onnx.build(prior);
    return onnx.graph.toBytes(
        "log_prob is log p(x) of a normalizing flow, in nats", manifest.toJson());
  }

  private void build(double[] prior) {
    int classes = prior.length > 0 ? flow.context() : 0;
    z = graph.node("Unsqueeze", graph.input("x", flow.features()), graph.longs(1));
    if (classes > 0) {
      alternatives = classes;
      z = graph.node("Expand", z, graph.longs(1, classes, 1));
      float[] unit = new float[classes * classes];
      for (int k = 0; k < classes; k++) {
        unit[k * classes + k] = 1;
      }
      context = graph.constant(unit, 1, classes, classes);
    } else if (flow.context() > 0) {
      context = graph.node("Unsqueeze", graph.input("context", flow.context()), graph.longs(1));
    }
    List<Transform> transforms = flow.layers();
    for (int i = 0; i < transforms.size(); i++) {
      prefix = i + "_";
      features = transforms.get(i).features();
      z = transforms.get(i).accept(this);
    }
    int coordinates = transforms.get(transforms.size() - 1).featuresAfter();
    if (coordinates > 0) {
      constant -= coordinates * LOG_ROOT_TWO_PI;
      addLogDet(times(sumOfFeatures(times(z, z)), -0.5));
    }
    String density = plus(logDet, graph.constant(constant));
    if (classes == 0) {
      graph.output("log_prob", graph.node("Squeeze", density, graph.longs(1)));
      return;
    }
    double total = DoubleStream.of(prior).sum();
    float[] logPrior = new float[classes];
    for (int k = 0; k < classes; k++) {
      logPrior[k] = (float) Math.log(prior[k] / total);
    }
    String joint = plus(density, graph.constant(logPrior, classes));
    String greatest = graph.node("ReduceMax", List.of(attributes("axes", 1)), joint);
    String sum = graph.node("ReduceSum", graph.node("Exp", minus(joint, greatest)), graph.longs(1));
    String logProb = plus(greatest, graph.node("Log", sum));
    graph.output("log_prob", graph.node("Squeeze", logProb, graph.longs(1)));
    graph.output("log_prob_class", density, classes);
    graph.output("posterior", graph.node("Exp", minus(joint, logProb)), classes);
  }

  // The formulas are those of the transforms' Javadoc; each method returns the next z.

  @Override
  public String embedding(ContextEmbedding transform) {
    context = graph.node("MatMul", context, whole("W"));
    return z;
  }

  @Override
  public String mixed(MixedFeatures transform) {
    // What follows from the features alone is the same for all classes, [N, 1, ...].
    String x = slice(z, 1, 0, 1);
    List<String> hots = new ArrayList<>();
    List<String> coordinates = new ArrayList<>();
    for (int j = 0; j < features; j++) {
      FeatureKind kind = transform.kinds().get(j);
      String value = gather(x, j);
      String number = null;
      if (kind.size() > 0) {
        String levels =
            kind.copied() < 0 ? levels(value, kind) : same(value, gather(x, kind.copied()));
        number = minus(graph.constant(1), graph.node("ReduceSum", levels, graph.longs(LAST)));
        hots.add(levels);
        hots.add(number);
      }
      if (kind.isContinuous()) {
        coordinates.add(coordinate(value, kind, number, free(coordinates.size())));
      }
    }
    if (!hots.isEmpty()) {
      addLevels(transform, concat(LAST, hots.toArray(String[]::new)));
    }
    if (coordinates.isEmpty()) {
      return z;
    }
    String numbers = concat(LAST, coordinates.toArray(String[]::new));
    // Two coordinates at least.
    if (coordinates.size() == 1) {
      constant += FREE;
      numbers = graph.node("Pad", numbers, graph.longs(0, 0, 0, 0, 0, 1), graph.constant(free(1)));
    }
    return forAllClasses(numbers);
  }

  /** A coordinate where it is of no matter. */
  private static double free(int c) {
    return 1 - 2 * (c % 2);
  }

  private String forAllClasses(String values) {
    return graph.node("Expand", values, graph.longs(1, alternatives, 1));
  }

  /** Which of the levels but the last a feature is at, 0 or 1 each. */
  private String levels(String value, FeatureKind kind) {
    List<String> parts = new ArrayList<>();
    if (!kind.levels().isEmpty()) {
      String levels = vector(kind.levels().size(), k -> kind.levels().get(k));
      parts.add(cast(Onnx.TensorProto.DataType.FLOAT, graph.node("Equal", value, levels)));
    }
    if (kind.missing()) {
      parts.add(cast(Onnx.TensorProto.DataType.FLOAT, graph.node("IsNaN", value)));
    }
    return concat(LAST, parts.toArray(String[]::new));
  }

  private String same(String value, String original) {
    String missing = graph.node("And", graph.node("IsNaN", value), graph.node("IsNaN", original));
    String both = graph.node("Or", graph.node("Equal", value, original), missing);
    return cast(Onnx.TensorProto.DataType.FLOAT, both);
  }

  /** Adds the levels' log-probabilities, and the levels to what the next transforms are given. */
  private void addLevels(MixedFeatures transform, String hots) {
    String given = forAllClasses(hots);
    if (context != null) {
      String sizes = graph.node("Shape", gather(z, 0));
      given = concat(LAST, graph.node("Expand", context, sizes), given);
    }
    context = given;
    String outputs = layersAfter(dense("", 0, given), "", Conditioner.Kind.MLP);
    String logits = plus(times(outputs, MixedFeatures.GAIN), whole(MixedFeatures.FREQUENCIES));
    double[] logOthers = new double[transform.levels()];
    List<String> logs = new ArrayList<>();
    int offset = 0;
    for (FeatureKind kind : transform.kinds()) {
      if (kind.size() > 0) {
        String own = slice(logits, LAST, offset, offset + kind.size());
        logs.add(graph.node("LogSoftmax", List.of(attribute("axis", LAST)), own));
        offset += kind.size();
        logOthers[offset - 1] = kind.isContinuous() ? 0 : Math.log(kind.others());
      }
    }
    String log = concat(LAST, logs.toArray(String[]::new));
    // Probabilities of 0 would be no numbers in products with 0.
    String finite = graph.node("Max", log, graph.constant(Math.log(Float.MIN_NORMAL)));
    String others = vector(logOthers.length, k -> logOthers[k]);
    addLogDet(sumOfFeatures(times(hots, minus(finite, others))));
  }

  /**
   * The coordinate of a feature along its curve.
   *
   * @param number 1 if the row's value is a number, 0 if it is one of the levels; null if all are
   *     numbers
   * @param free the coordinate of the other rows
   */
  private String coordinate(String value, FeatureKind kind, String number, double free) {
    Curve curve = kind.curve();
    double location = curve.location() - (kind.whole() ? 0.5 : 0);
    String near = graph.constant(location);
    String x =
        number == null
            ? value
            : graph.node("Where", cast(Onnx.TensorProto.DataType.BOOL, number), value, near);
    // The location in two floats: values near it cancel.
    String distance = minus(minus(x, near), graph.constant(location - (float) location));
    String u = graph.node("Div", distance, graph.constant(curve.scale()));
    u = curve.soft() ? graph.node("Asinh", u) : u;
    String coordinate =
        graph.node(
            "Div", minus(u, graph.constant(curve.mean())), graph.constant(curve.deviation()));
    double line = -Math.log(curve.scale()) - Math.log(curve.deviation());
    String bend = null;
    if (curve.soft()) {
      // -log cosh u, without overflow.
      String size = graph.node("Abs", u);
      String more = graph.node("Softplus", times(size, -2));
      bend = minus(graph.constant(Math.log(2)), plus(size, more));
    }
    if (number == null) {
      constant += line;
    } else {
      String other = graph.constant(free);
      coordinate = plus(times(minus(coordinate, other), number), other);
      String slope = graph.constant(line - FREE);
      bend = times(bend == null ? slope : plus(bend, slope), number);
      constant += FREE;
    }
    if (bend != null) {
      addLogDet(sumOfFeatures(bend));
    }
    return coordinate;
  }

  @Override
  public String standardization(Standardization transform) {
    float[] scale = floats("scale");
    constant -= sum(j -> Math.log(scale[j]));
    return graph.node("Div", minus(z, whole("mean")), whole("scale"));
  }

  @Override
  public String permutation(Permutation transform) {
    return gather(z, transform.order().stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public String batchNorm(InvertibleBatchNorm transform) {
    float[] variance = floats("var");
    float[] logGamma = floats("logGamma");
    double[] logs =
        IntStream.range(0, variance.length)
            .mapToDouble(j -> logGamma[j] - Math.log(variance[j] + InvertibleBatchNorm.EPSILON) / 2)
            .toArray();
    constant += sum(j -> logs[j]);
    return plus(times(minus(z, whole("mean")), exp(logs)), whole("beta"));
  }

  @Override
  public String affine(AffineCoupling coupling) {
    String kept = gather(z, coupling.identityFeatures());
    String[] both;
    if (coupling.sharedNetwork()) {
      String out = network(coupling, kept, "");
      int transformed = coupling.transformedFeatures().length;
      both =
          new String[] {
            slice(out, LAST, 0, transformed), slice(out, LAST, transformed, 2 * transformed)
          };
    } else {
      both = new String[] {network(coupling, kept, "scale"), network(coupling, kept, "shift")};
    }
    String s = graph.node("Tanh", both[0]);
    addLogDet(sumOfFeatures(s));
    String x = gather(z, coupling.transformedFeatures());
    return joined(coupling, kept, plus(times(x, graph.node("Exp", s)), both[1]));
  }

  /** All features in their order. */
  private String joined(Coupling coupling, String kept, String transformed) {
    int[] first = coupling.identityFeatures();
    int[] second = coupling.transformedFeatures();
    int[] places = new int[first.length + second.length];
    for (int j = 0; j < first.length; j++) {
      places[first[j]] = j;
    }
    for (int j = 0; j < second.length; j++) {
      places[second[j]] = first.length + j;
    }
    return gather(concat(LAST, kept, transformed), places);
  }

  /** A rational-quadratic spline per changed feature; bins are the axis before the features. */
  @Override
  public String spline(SplineCoupling coupling) {
    String kept = gather(z, coupling.identityFeatures());
    String v = gather(z, coupling.transformedFeatures());
    int transformed = coupling.transformedFeatures().length;
    String parameters = network(coupling, kept, "");
    int bins = coupling.bins();
    double bound = coupling.bound();
    double least = SplineCoupling.LEAST;
    int axis = LAST;
    String out = graph.node("Reshape", parameters, graph.longs(0, 0, 3L * bins - 1, transformed));
    String[] sizes = new String[2];
    String[] starts = new String[2];
    for (int i = 0; i < 2; i++) {
      String shares =
          graph.node(
              "Softmax",
              List.of(attribute("axis", axis)),
              slice(out, axis, i * bins, (i + 1) * bins));
      sizes[i] =
          plus(times(shares, 2 * bound * (1 - least * bins)), graph.constant(2 * bound * least));
      String sums =
          graph.node("CumSum", List.of(attribute("exclusive", 1)), sizes[i], graph.longs(axis));
      starts[i] = minus(sums, graph.constant(bound));
    }
    String logits = slice(out, axis, 2 * bins, 3 * bins - 1);
    String inner = graph.node("Exp", times(graph.node("Tanh", times(logits, 1 / 3.0)), 3));
    String slopes =
        graph.node("Pad", inner, graph.longs(0, 0, 1, 0, 0, 0, 1, 0), graph.constant(1));
    String inRow = graph.node("Unsqueeze", v, graph.longs(axis));
    String passed =
        graph.node(
            "Cast",
            List.of(attribute("to", Onnx.TensorProto.DataType.INT64_VALUE)),
            graph.node("GreaterOrEqual", inRow, slice(starts[0], axis, 1, bins)));
    String bin = graph.node("ReduceSum", passed, graph.longs(axis));
    String w = pick(sizes[0], bin);
    String h = pick(sizes[1], bin);
    String d = pick(slice(slopes, axis, 0, bins), bin);
    String e = pick(slice(slopes, axis, 1, bins + 1), bin);
    String r = graph.node("Div", minus(v, pick(starts[0], bin)), w);
    String s = graph.node("Div", h, w);
    String rest = minus(graph.constant(1), r);
    String q = times(r, rest);
    String below = plus(s, times(minus(plus(d, e), times(s, 2)), q));
    String value =
        plus(
            pick(starts[1], bin),
            graph.node("Div", times(h, plus(times(s, times(r, r)), times(d, q))), below));
    String terms =
        plus(plus(times(e, times(r, r)), times(times(s, q), 2)), times(d, times(rest, rest)));
    String slope = graph.node("Div", times(times(s, s), terms), times(below, below));
    String inside = graph.node("Less", graph.node("Abs", v), graph.constant(bound));
    String logs = graph.node("Log", graph.node("Where", inside, slope, graph.constant(1)));
    addLogDet(sumOfFeatures(logs));
    return joined(coupling, kept, graph.node("Where", inside, value, v));
  }

  private String cast(Onnx.TensorProto.DataType type, String values) {
    return graph.node("Cast", List.of(attribute("to", type.getNumber())), values);
  }

  /** Of each feature the value in its bin. */
  private String pick(String values, String bin) {
    String picked = graph.node("GatherElements", List.of(attribute("axis", LAST)), values, bin);
    return graph.node("Squeeze", picked, graph.longs(LAST));
  }

  /**
   * A conditioner.
   *
   * @param given the kept features
   * @param name what its arrays' names begin with
   */
  private String network(Coupling coupling, String given, String name) {
    int kept = coupling.identityFeatures().length;
    float[] first = floats(name + "W0");
    int outputs = first.length / (kept + coupling.context());
    float[] ofKept = Arrays.copyOf(first, kept * outputs);
    String h = graph.node("MatMul", given, graph.constant(ofKept, kept, outputs));
    if (context != null) {
      float[] rest = Arrays.copyOfRange(first, kept * outputs, first.length);
      String map = graph.constant(rest, coupling.context(), outputs);
      h = plus(h, graph.node("MatMul", context, map));
    }
    return layersAfter(plus(h, whole(name + "b0")), name, coupling.conditioner());
  }

  /** The rest of a conditioner, after its first layer. */
  private String layersAfter(String first, String name, Conditioner.Kind kind) {
    int last = 0;
    while (arrays.containsKey(prefix + name + "W" + (last + 1))) {
      last++;
    }
    String h = first;
    if (kind == Conditioner.Kind.RESIDUAL) {
      for (int i = 1; i < last; i += 2) {
        String half = dense(name, i, graph.node("Relu", h));
        h = plus(h, dense(name, i + 1, graph.node("Relu", half)));
      }
      return dense(name, last, h);
    }
    for (int i = 1; i <= last; i++) {
      h = dense(name, i, graph.node("Relu", h));
    }
    return h;
  }

  private String dense(String name, int i, String h) {
    return plus(graph.node("MatMul", h, whole(name + "W" + i)), whole(name + "b" + i));
  }

  /** z = P L U x as one matrix. */
  @Override
  public String linear(InvertibleLinear transform) {
    int size = features;
    float[] lu = floats("lu");
    float[] transposed = new float[size * size];
    for (int i = 0; i < size; i++) {
      int row = transform.order().get(i);
      for (int j = 0; j < size; j++) {
        double sum = 0;
        for (int k = 0; k <= Math.min(row, j); k++) {
          double lower = k == row ? 1 : lu[row * size + k];
          double upper =
              k == j ? transform.sign().get(k) * Math.exp(lu[k * size + k]) : lu[k * size + j];
          sum += lower * upper;
        }
        transposed[j * size + i] = (float) sum;
      }
    }
    constant += sum(j -> lu[j * size + j]);
    return graph.node("MatMul", z, graph.constant(transposed, size, size));
  }

  @Override
  public String elementwise(ElementwiseAffine transform) {
    float[] logScale = floats("logScale");
    String scaled =
        times(z, exp(IntStream.range(0, logScale.length).mapToDouble(j -> logScale[j]).toArray()));
    constant += sum(j -> logScale[j]);
    String shift = whole("shift");
    if (transform.conditional()) {
      String slopes = graph.node("MatMul", context, whole("contextLogScale"));
      String s = times(graph.node("Tanh", times(slopes, 1 / 3.0)), 3);
      scaled = times(scaled, graph.node("Exp", s));
      addLogDet(sumOfFeatures(s));
      shift = plus(shift, graph.node("MatMul", context, whole("contextShift")));
    }
    return plus(scaled, shift);
  }

  private String sumOfFeatures(String values) {
    return graph.node("ReduceSum", List.of(attribute("keepdims", 0)), values, graph.longs(LAST));
  }

  private void addLogDet(String term) {
    logDet = logDet == null ? term : plus(logDet, term);
  }

  private double sum(IntToDoubleFunction ofFeature) {
    return IntStream.range(0, features).mapToDouble(ofFeature).sum();
  }

  private String exp(double[] logs) {
    return vector(logs.length, j -> Math.exp(logs[j]));
  }

  private String vector(int size, IntToDoubleFunction elements) {
    float[] values = new float[size];
    for (int j = 0; j < size; j++) {
      values[j] = (float) elements.applyAsDouble(j);
    }
    return graph.constant(values, size);
  }

  private String plus(String a, String b) {
    return graph.node("Add", a, b);
  }

  private String minus(String a, String b) {
    return graph.node("Sub", a, b);
  }

  private String times(String a, String b) {
    return graph.node("Mul", a, b);
  }

  private String times(String a, double b) {
    return times(a, graph.constant(b));
  }

  private String gather(String values, int... features) {
    String indices = graph.longs(IntStream.of(features).asLongStream().toArray());
    return graph.node("Gather", List.of(attribute("axis", LAST)), values, indices);
  }

  private String concat(int axis, String... parts) {
    return graph.node("Concat", List.of(attribute("axis", axis)), parts);
  }

  private String slice(String values, int axis, int from, int to) {
    return graph.node("Slice", values, graph.longs(from), graph.longs(to), graph.longs(axis));
  }

  private String whole(String name) {
    return graph.constant(floats(name), arrays.get(prefix + name).shape());
  }

  private float[] floats(String name) {
    return arrays.get(prefix + name).floats();
  }
}
