package dev.realnvp.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.flow.layer.Coupling;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.MixedFeatures;
import dev.realnvp.flow.layer.ParamLayout;
import dev.realnvp.flow.layer.Standardization;
import dev.realnvp.flow.layer.Transform;
import dev.realnvp.model.Json;
import dev.realnvp.model.Manifest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A flow as named arrays, and back. {@code config} is a JSON object, a {@link Description}. All
 * others belong to a layer i, in the order of {@code config}, and have DL4J's names of parameters:
 * {@code i_mask} (int64, 1 for a kept feature), {@code i_order} (int64), {@code i_sign} (int64),
 * and the parameters and running statistics (float32), {@code i_W0} and so on. The optimizer and
 * its state, which only training needs, are not included.
 */
public final class FlowArrays {

  private static final int VERSION = 1;
  private static final String CONFIG = "config";
  private static final String TYPE = "type";
  private static final String RESIDUAL = "residual";
  private static final String SHARED_NETWORK = "shared_network";

  /** The constants of any transform. */
  private static final Set<String> CONSTANTS = Set.of("least", "epsilon", "gain");

  /** The arrays that were not used yet, by name. */
  private final Map<String, NpyArray> left;

  private FlowArrays(Map<String, NpyArray> arrays) {
    left = new TreeMap<>(arrays);
  }

  /**
   * The structure of a flow, beside its arrays; JSON in the file.
   *
   * @param version of the format, {@link #VERSION}
   * @param features D
   * @param context C, the number of context values, of classes or of numbers; 0 for none
   * @param layers from data to base, as {@link #describe} describes them
   * @param manifest of the model
   */
  private record Description(
      int version, int features, int context, List<ObjectNode> layers, JsonNode manifest) {}

  /** A flow and its provenance. */
  public record Described(RealNVP flow, Manifest manifest) {}

  /** The flow's arrays, by name. */
  public static Map<String, NpyArray> of(RealNVP flow, Manifest manifest) {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    List<ObjectNode> layers = new ArrayList<>();
    for (Transform transform : flow.layers()) {
      layers.add(describe(layers.size() + "_", transform, arrays));
    }
    flow.network().paramTable().forEach((name, value) -> arrays.put(name, array(value)));
    Description description =
        new Description(
            VERSION,
            flow.features(),
            flow.context(),
            layers,
            Json.tree(manifest.edit().sums(null, null, null).build()));
    arrays.put(CONFIG, NpyArray.ofText(Json.tree(description).toString()));
    return arrays;
  }

  /**
   * Describes a transform by its components. Masks, permutations and signs become arrays; sizes
   * that follow from the flow's, and noise, which only training needs, are left out.
   */
  private static ObjectNode describe(
      String prefix, Transform transform, Map<String, NpyArray> arrays) {
    ObjectNode layer = JsonNodeFactory.instance.objectNode();
    Json.tree(transform)
        .properties()
        .forEach(
            component -> {
              String name = component.getKey();
              JsonNode value = component.getValue();
              switch (name) {
                case Transform.KIND -> layer.set(TYPE, value);
                case "features", "context", "noise", "conditioner" -> {}
                case "kept" -> arrays.put(prefix + "mask", array(value));
                case "order", "sign" -> arrays.put(prefix + name, array(value));
                case "sharedNetwork" -> layer.set(SHARED_NETWORK, value);
                default -> layer.set(name, value);
              }
            });
    transform.constants().forEach(layer::put);
    if (transform instanceof Coupling coupling
        && coupling.conditioner() == Conditioner.Kind.RESIDUAL) {
      layer.put(RESIDUAL, true);
    }
    return layer;
  }

  /**
   * Rebuilds the flow. Its parameters equal the arrays bit for bit. Its manifest is the one in
   * {@code config}, with the id of the current parameters.
   *
   * @throws IllegalArgumentException if an array is missing, unknown, or has another type or shape,
   *     or if a value gives no density
   */
  public static Described toFlow(Map<String, NpyArray> arrays) {
    return new FlowArrays(arrays).read();
  }

  private Described read() {
    Description description = description();
    List<Transform> transforms = new ArrayList<>();
    Map<String, NpyArray> parameters = new HashMap<>();
    int features = description.features();
    int context = description.context();
    for (ObjectNode layer : description.layers()) {
      String prefix = transforms.size() + "_";
      Transform transform = transform(prefix, layer, features, context);
      for (ParamLayout.Param param : transform.layout().params()) {
        String name = prefix + param.name();
        parameters.put(name, take(name, param.shape()));
      }
      if (transform instanceof MixedFeatures mixed && mixed.levels() > 0) {
        requireMasked(prefix + "W", mixed.masks(), parameters);
      }
      features = transform.featuresAfter();
      context = transform.contextAfter();
      transforms.add(transform);
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "no layer of config has array " + left.keySet().iterator().next());
    }
    // Memory is allocated only now, for no more than the arrays have.
    RealNVP flow = RealNVP.of(transforms);
    flow.network().paramTable().forEach((name, value) -> fill(value, name, parameters.get(name)));
    Manifest manifest =
        Manifest.fromJson(description.manifest().toString()).edit().network(flow.network()).build();
    return new Described(flow, manifest);
  }

  /** Refuses weights by which the network would see a level that it has yet to predict. */
  private static void requireMasked(
      String prefix, List<boolean[]> masks, Map<String, NpyArray> parameters) {
    for (int map = 0; map < masks.size(); map++) {
      String name = prefix + map;
      NpyArray array = parameters.get(name);
      float[] rowMajor = typed(name, array::floats);
      int inputs = array.shape()[0];
      int outputs = array.shape()[1];
      for (int i = 0; i < rowMajor.length; i++) {
        if (rowMajor[i] != 0 && !masks.get(map)[i / outputs + inputs * (i % outputs)]) {
          throw wrong(
              name + "[%d, %d]".formatted(i / outputs, i % outputs),
              rowMajor[i],
              "0, as the weight is masked");
        }
      }
    }
  }

  private Description description() {
    try {
      Description description = Json.readComplete(take(CONFIG).text(), Description.class);
      if (description.version() != VERSION) {
        throw new IllegalArgumentException(
            "format version %d, expected %d".formatted(description.version(), VERSION));
      }
      if (description.layers().isEmpty()) {
        throw new IllegalArgumentException("layers: got none, expected at least one");
      }
      return description;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("config: " + e.getMessage(), e);
    }
  }

  /** What {@link #describe} described. */
  private Transform transform(String prefix, ObjectNode layer, int features, int context) {
    String type = layer.path(TYPE).asText();
    ObjectNode json = layer.deepCopy();
    json.remove(CONSTANTS);
    json.remove(List.of(TYPE, RESIDUAL, SHARED_NETWORK));
    json.put(Transform.KIND, type);
    for (RecordComponent component : Transform.ofKind(type).getRecordComponents()) {
      String name = component.getName();
      switch (name) {
        case "features" -> json.put(name, features);
        case "context" -> json.put(name, context);
        case "noise" -> json.putArray(name);
        case "kept" -> json.set(name, Json.tree(kept(prefix + "mask", features)));
        case "order", "sign" -> json.set(name, Json.tree(ints(prefix + name, features)));
        case "sharedNetwork" -> json.set(name, layer.get(SHARED_NETWORK));
        case "conditioner" -> json.put(name, layer.path(RESIDUAL).asBoolean() ? "RESIDUAL" : "MLP");
        default -> {}
      }
    }
    Transform transform = Json.readComplete(json.toString(), Transform.class);
    if (transform.features() != features) {
      throw new IllegalArgumentException(
          "layer %s: got %d features, expected %d"
              .formatted(prefix.replace("_", ""), transform.features(), features));
    }
    transform
        .constants()
        .forEach(
            (name, expected) -> {
              if (layer.path(name).asDouble() != expected) {
                throw new IllegalArgumentException(
                    "%s of layer %s: got %s, expected %s"
                        .formatted(name, prefix.replace("_", ""), layer.get(name), expected));
              }
            });
    return transform;
  }

  private List<Boolean> kept(String name, int features) {
    long[] mask = whole(name, features);
    for (long value : mask) {
      if (value != 0 && value != 1) {
        throw wrong(name, value, "0 or 1");
      }
    }
    return LongStream.of(mask).mapToObj(value -> value == 1).toList();
  }

  private static NpyArray array(JsonNode values) {
    long[] whole = new long[values.size()];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = values.get(i).asLong();
    }
    return NpyArray.of(whole, whole.length);
  }

  private static NpyArray array(INDArray value) {
    float[] rowMajor = Nd4j.toFlattened('c', value).toFloatVector();
    return NpyArray.of(rowMajor, LongStream.of(value.shape()).mapToInt(Math::toIntExact).toArray());
  }

  private static void fill(INDArray value, String name, NpyArray array) {
    float[] rowMajor = typed(name, array::floats);
    boolean positive = name.endsWith("_" + Standardization.SCALE);
    boolean variance = name.endsWith("_" + InvertibleBatchNorm.VARIANCE);
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

  private long[] whole(String name, int length) {
    return typed(name, take(name, length)::longs);
  }

  private int[] ints(String name, int length) {
    LongStream values = LongStream.of(whole(name, length));
    return typed(name, values.mapToInt(Math::toIntExact)::toArray);
  }

  private static <T> T typed(String name, Supplier<T> elements) {
    try {
      return elements.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("array " + name + ": " + e.getMessage(), e);
    }
  }

  private NpyArray take(String name, long... shape) {
    NpyArray array = take(name);
    String got = Arrays.toString(array.shape());
    if (!got.equals(Arrays.toString(shape))) {
      throw new IllegalArgumentException(
          "array %s: shape %s, expected %s".formatted(name, got, Arrays.toString(shape)));
    }
    return array;
  }

  private NpyArray take(String name) {
    NpyArray array = left.remove(name);
    if (array == null) {
      throw new IllegalArgumentException("there is no array " + name);
    }
    return array;
  }
}
