package dev.realnvp.exchange;

import dev.realnvp.flow.RealNVP;
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
import dev.realnvp.model.Json;
import dev.realnvp.model.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A flow as named arrays, and back. {@code config} is a JSON object, {@link FlowDescription}. All
 * others belong to a layer i, in the order of {@code config}, and have DL4J's names of parameters:
 * {@code i_mask} (int64, 1 for a kept feature), {@code i_order} (int64), {@code i_sign} (int64),
 * and the parameters and running statistics (float32), {@code i_W0} and so on. The optimizer and
 * its state, which only training needs, are not included.
 */
public final class FlowArrays {

  private static final String CONFIG = "config";
  private static final String MASK = "mask";
  private static final String ORDER = "order";
  private static final String SIGN = "sign";

  private FlowArrays() {}

  /** A flow and its provenance. */
  public record Described(RealNVP flow, Manifest manifest) {}

  /** The flow's arrays, by name. */
  public static Map<String, NpyArray> of(RealNVP flow, Manifest manifest) {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    List<FlowDescription.Layer> layers = new ArrayList<>();
    for (FlowLayer layer : flow.layers()) {
      layers.add(describe(layers.size(), layer, arrays));
    }
    flow.network().paramTable().forEach((name, value) -> arrays.put(name, array(value)));
    FlowDescription description =
        new FlowDescription(
            FlowDescription.VERSION,
            flow.features(),
            flow.context(),
            layers,
            Json.tree(manifest.edit().sums(null, null, null).build()));
    arrays.put(CONFIG, NpyArray.ofText(description.toJson()));
    return arrays;
  }

  /** Describes the layer, and adds its fixed values to the arrays. */
  private static FlowDescription.Layer describe(
      int index, FlowLayer layer, Map<String, NpyArray> arrays) {
    if (layer instanceof CouplingLayer coupling) {
      boolean[] kept = coupling.kept();
      long[] mask = IntStream.range(0, kept.length).mapToLong(j -> kept[j] ? 1 : 0).toArray();
      arrays.put(name(index, MASK), NpyArray.of(mask, mask.length));
    }
    if (layer instanceof LinearCouplingLayer coupling) {
      return new FlowDescription.Coupling(
          coupling.hidden(), coupling.sharedNetwork(), isResidual(coupling));
    }
    if (layer instanceof SplineCouplingLayer coupling) {
      return new FlowDescription.SplineCoupling(
          coupling.hidden(),
          coupling.bins(),
          coupling.bound(),
          SplineCouplingLayer.LEAST,
          isResidual(coupling));
    }
    if (layer instanceof Permutation permutation) {
      arrays.put(name(index, ORDER), array(permutation.order()));
      return new FlowDescription.Permutation();
    }
    if (layer instanceof InvertibleLinear linear) {
      arrays.put(name(index, ORDER), array(linear.order()));
      arrays.put(name(index, SIGN), array(linear.sign()));
      return new FlowDescription.Linear();
    }
    if (layer instanceof ElementwiseAffine elementwise) {
      return new FlowDescription.ElementwiseAffine(elementwise.conditional());
    }
    if (layer instanceof ContextEmbedding embedding) {
      return new FlowDescription.ContextEmbedding(embedding.contextAfter());
    }
    if (layer instanceof Standardization) {
      return new FlowDescription.Standardization();
    }
    if (layer instanceof LinearBatchNorm) {
      return new FlowDescription.BatchNorm(LinearBatchNorm.EPSILON);
    }
    throw new IllegalArgumentException(
        "layer " + index + " is " + layer.getClass().getSimpleName() + ", which has no arrays");
  }

  private static boolean isResidual(CouplingLayer coupling) {
    return coupling.conditioner() == ConditionerKind.RESIDUAL;
  }

  private static ConditionerKind kind(boolean residual) {
    return residual ? ConditionerKind.RESIDUAL : ConditionerKind.MLP;
  }

  /**
   * Rebuilds the flow. Its parameters equal the arrays bit for bit. Its manifest is the one in
   * {@code config}, with the id of the current parameters.
   *
   * @throws IllegalArgumentException if an array is missing, unknown, or has another type or shape,
   *     or if a value gives no density
   */
  public static Described toFlow(Map<String, NpyArray> arrays) {
    FlowDescription description = description(arrays);
    Set<String> unknown = new TreeSet<>(arrays.keySet());
    unknown.remove(CONFIG);
    List<FlowLayer> layers = new ArrayList<>();
    int context = description.context();
    for (FlowDescription.Layer described : description.layers()) {
      int index = layers.size();
      FlowLayer layer = layer(index, described, description.features(), context, arrays);
      context = layer.contextAfter();
      layer.shapes().forEach((name, shape) -> require(name(index, name), shape, arrays));
      layers.add(layer);
      unknown.removeAll(Set.of(name(index, MASK), name(index, ORDER), name(index, SIGN)));
    }
    // Memory is allocated only now, for no more than the arrays have.
    RealNVP flow = RealNVP.of(layers);
    Map<String, INDArray> parameters = flow.network().paramTable();
    parameters.forEach((name, value) -> fill(value, name, arrays));
    unknown.removeAll(parameters.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "no layer of config has array " + unknown.iterator().next());
    }
    return new Described(flow, manifest(description, flow));
  }

  private static FlowDescription description(Map<String, NpyArray> arrays) {
    try {
      return FlowDescription.fromJson(require(CONFIG, arrays).text());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("config: " + e.getMessage(), e);
    }
  }

  private static FlowLayer layer(
      int index,
      FlowDescription.Layer layer,
      int features,
      int context,
      Map<String, NpyArray> arrays) {
    if (layer instanceof FlowDescription.Coupling coupling) {
      boolean[] kept = kept(index, features, arrays);
      return new LinearCouplingLayer(
          context, kept, coupling.hidden(), coupling.sharedNetwork(), kind(coupling.residual()));
    }
    if (layer instanceof FlowDescription.SplineCoupling coupling) {
      requireConstant("least", index, coupling.least(), SplineCouplingLayer.LEAST);
      return new SplineCouplingLayer(
          context,
          kept(index, features, arrays),
          coupling.hidden(),
          coupling.bins(),
          coupling.bound(),
          kind(coupling.residual()));
    }
    if (layer instanceof FlowDescription.Permutation) {
      return new Permutation(context, ints(name(index, ORDER), features, arrays));
    }
    if (layer instanceof FlowDescription.Linear) {
      return new InvertibleLinear(
          context,
          ints(name(index, ORDER), features, arrays),
          ints(name(index, SIGN), features, arrays));
    }
    if (layer instanceof FlowDescription.ElementwiseAffine elementwise) {
      return new ElementwiseAffine(features, context, elementwise.conditional());
    }
    if (layer instanceof FlowDescription.ContextEmbedding embedding) {
      return new ContextEmbedding(features, context, embedding.width());
    }
    if (layer instanceof FlowDescription.Standardization) {
      return new Standardization(features, context);
    }
    double epsilon = ((FlowDescription.BatchNorm) layer).epsilon();
    requireConstant("epsilon", index, epsilon, LinearBatchNorm.EPSILON);
    return new LinearBatchNorm(features, context);
  }

  private static void requireConstant(String name, int layer, double got, double expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "%s of layer %d: got %s, expected %s".formatted(name, layer, got, expected));
    }
  }

  private static boolean[] kept(int index, int features, Map<String, NpyArray> arrays) {
    long[] mask = whole(name(index, MASK), features, arrays);
    boolean[] kept = new boolean[features];
    for (int j = 0; j < features; j++) {
      if (mask[j] != 0 && mask[j] != 1) {
        throw wrong(name(index, MASK), mask[j], "0 or 1");
      }
      kept[j] = mask[j] == 1;
    }
    return kept;
  }

  private static Manifest manifest(FlowDescription description, RealNVP flow) {
    return Manifest.fromJson(description.manifest().toString())
        .edit()
        .network(flow.network())
        .build();
  }

  private static NpyArray array(int... values) {
    return NpyArray.of(IntStream.of(values).asLongStream().toArray(), values.length);
  }

  private static NpyArray array(INDArray value) {
    float[] rowMajor = Nd4j.toFlattened('c', value).toFloatVector();
    return NpyArray.of(rowMajor, LongStream.of(value.shape()).mapToInt(Math::toIntExact).toArray());
  }

  private static void fill(INDArray value, String name, Map<String, NpyArray> arrays) {
    float[] rowMajor = typed(name, arrays.get(name)::floats);
    boolean positive = name.endsWith("_" + Standardization.SCALE);
    boolean variance = name.endsWith("_" + LinearBatchNorm.VARIANCE);
    for (float number : rowMajor) {
      if (!Float.isFinite(number)) {
        throw wrong(name, number, "finite numbers");
      }
      if (positive && number <= 0) {
        throw wrong(name, number, "scales above 0");
      }
      if (variance && number < 0) {
        throw wrong(name, number, "variances of 0 or more");
      }
    }
    value.assign(Nd4j.createFromArray(rowMajor).reshape('c', value.shape()));
  }

  private static IllegalArgumentException wrong(String name, Number got, String expected) {
    return new IllegalArgumentException(
        "array %s holds %s, expected %s".formatted(name, got, expected));
  }

  private static long[] whole(String name, int length, Map<String, NpyArray> arrays) {
    return typed(name, require(name, new long[] {length}, arrays)::longs);
  }

  private static int[] ints(String name, int length, Map<String, NpyArray> arrays) {
    LongStream values = LongStream.of(whole(name, length, arrays));
    return typed(name, values.mapToInt(Math::toIntExact)::toArray);
  }

  private static <T> T typed(String name, Supplier<T> elements) {
    try {
      return elements.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("array " + name + ": " + e.getMessage(), e);
    }
  }

  private static NpyArray require(String name, long[] shape, Map<String, NpyArray> arrays) {
    NpyArray array = require(name, arrays);
    String got = Arrays.toString(array.shape());
    if (!got.equals(Arrays.toString(shape))) {
      throw new IllegalArgumentException(
          "array %s: shape %s, expected %s".formatted(name, got, Arrays.toString(shape)));
    }
    return array;
  }

  private static NpyArray require(String name, Map<String, NpyArray> arrays) {
    NpyArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("there is no array " + name);
    }
    return array;
  }

  private static String name(int layer, String array) {
    return layer + "_" + array;
  }
}
