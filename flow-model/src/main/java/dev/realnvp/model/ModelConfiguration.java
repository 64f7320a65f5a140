package dev.realnvp.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The configuration in a saved network, from an untrusted source. Its JSON names classes, which
 * DL4J's mapper loads and instantiates. So it is checked first: it may name only the classes that
 * this project's networks are made of.
 */
final class ModelConfiguration {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final String CLASS = "@class";
  private static final String FLOW_LAYER = "dev.realnvp.flow.layer.FlowLayer";

  /** The properties whose value DL4J's mapper interprets as a class. */
  private static final Set<String> CLASS_PROPERTIES = Set.of(CLASS, "type");

  private static final Set<String> CLASSES =
      Set.of(
          FLOW_LAYER,
          "dev.realnvp.flow.layer.FlowOutputLayer",
          "dev.realnvp.images.autoencoder.BinaryCrossEntropy",
          "dev.realnvp.images.classifier.SoftmaxOutput",
          "dev.realnvp.images.convolution.Convolution",
          "dev.realnvp.images.convolution.Dense",
          "dev.realnvp.images.convolution.TransposedConvolution",
          "dev.realnvp.model.CosineSchedule",
          "dev.realnvp.model.GradientDecay",
          "dev.realnvp.model.ScaledRate",
          "dev.realnvp.model.WarmUp",
          "org.deeplearning4j.nn.conf.layers.LossLayer",
          "org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor",
          "org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor",
          "org.deeplearning4j.nn.weights.WeightInitReluUniform",
          "org.deeplearning4j.nn.weights.WeightInitXavier",
          "org.nd4j.linalg.activations.impl.ActivationIdentity",
          "org.nd4j.linalg.activations.impl.ActivationReLU",
          "org.nd4j.linalg.activations.impl.ActivationSigmoid",
          "org.nd4j.linalg.activations.impl.ActivationSoftmax",
          "org.nd4j.linalg.learning.config.Adam",
          "org.nd4j.linalg.learning.config.NoOp",
          "org.nd4j.linalg.lossfunctions.impl.LossMCXENT",
          "org.nd4j.linalg.schedule.FixedSchedule");

  /**
   * The kinds of transforms that had layers of their own in models of the first version, by their
   * classes.
   */
  private static final Map<String, String> KINDS =
      Map.of(
          "dev.realnvp.flow.layer.ContextEmbedding", "context_embedding",
          "dev.realnvp.flow.layer.ElementwiseAffine", "elementwise_affine",
          "dev.realnvp.flow.layer.InvertibleLinear", "linear",
          "dev.realnvp.flow.layer.LinearBatchNorm", "batch_norm",
          "dev.realnvp.flow.layer.LinearCouplingLayer", "coupling",
          "dev.realnvp.flow.layer.Permutation", "permutation",
          "dev.realnvp.flow.layer.SplineCouplingLayer", "spline_coupling",
          "dev.realnvp.flow.layer.Standardization", "standardization");

  /** What a transform has in the JSON of such a layer. */
  private static final Set<String> COMPONENTS =
      Set.of(
          "bins",
          "bound",
          "conditional",
          "conditioner",
          "context",
          "features",
          "hidden",
          "kept",
          "noise",
          "order",
          "sharedNetwork",
          "sign",
          "width");

  /** The classes that a stored model names otherwise, by those names. */
  private static final Map<String, String> STORED_NAMES =
      Map.ofEntries(
          Map.entry(
              "dev.realnvp.autoencoder.BinaryCrossEntropy",
              "dev.realnvp.images.autoencoder.BinaryCrossEntropy"),
          Map.entry(
              "dev.realnvp.classifier.SoftmaxOutput",
              "dev.realnvp.images.classifier.SoftmaxOutput"),
          Map.entry(
              "dev.realnvp.convolution.Convolution", "dev.realnvp.images.convolution.Convolution"),
          Map.entry("dev.realnvp.convolution.Dense", "dev.realnvp.images.convolution.Dense"),
          Map.entry(
              "dev.realnvp.convolution.TransposedConvolution",
              "dev.realnvp.images.convolution.TransposedConvolution"));

  private ModelConfiguration() {}

  /**
   * Reads a configuration of float layers.
   *
   * @param json UTF-8
   * @throws IllegalArgumentException if it is not a configuration, or names another class
   */
  static MultiLayerConfiguration parse(byte[] json) {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "its configuration is no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("its configuration is no JSON: " + e.getMessage(), e);
    }
    tree.path("confs").forEach(conf -> wrapTransform(conf.path("layer")));
    requireKnownClasses("", tree);
    // The mapper reads the checked tree, not the text, which another parser may interpret
    // differently. What has a dot there is the name of a class, and nothing else.
    String checked = tree.toString();
    for (Map.Entry<String, String> name : STORED_NAMES.entrySet()) {
      checked = checked.replace('"' + name.getKey() + '"', '"' + name.getValue() + '"');
    }
    MultiLayerConfiguration configuration = fromJson(checked);
    if (configuration == null
        || configuration.getConfs() == null
        || configuration.getConfs().isEmpty()) {
      throw new IllegalArgumentException("its configuration has no layers");
    }
    if (configuration.getDataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "its configuration is of " + configuration.getDataType() + ", expected FLOAT");
    }
    return configuration;
  }

  /** Makes a layer of a kind of transform, as models of earlier versions have it, today's. */
  private static void wrapTransform(JsonNode node) {
    String kind = KINDS.get(node.path(CLASS).asText());
    if (kind != null && node instanceof ObjectNode layer) {
      ObjectNode transform = layer.deepCopy().retain(COMPONENTS).put("kind", kind);
      if (layer.has("kept") || layer.has("order")) {
        transform.remove("features");
      }
      if (layer.has("kept") && !layer.has("conditioner")) {
        transform.put("conditioner", "MLP");
      }
      if (kind.equals("standardization") && !layer.has("noise")) {
        transform.putArray("noise");
      }
      layer.put(CLASS, FLOW_LAYER).set("transform", transform);
    }
    // Where a model has none of these values, its distance is that from the middle alone.
    if (node.path("transform") instanceof ObjectNode transform
        && transform.path("kind").asText().equals("mixed_features")
        && !transform.has("surroundings")) {
      transform.put("surroundings", 0);
    }
  }

  private static MultiLayerConfiguration fromJson(String json) {
    try {
      return MultiLayerConfiguration.fromJson(json);
    } catch (RuntimeException e) {
      // DL4J wraps its mapper's exceptions several times.
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new IllegalArgumentException(
          "its configuration is no network's: " + root.getMessage(), e);
    }
  }

  /**
   * Searches for class names. Any text with a dot counts as one, as a value or a property's name,
   * because some types of DL4J are named in other places.
   */
  private static void requireKnownClasses(String property, JsonNode node) {
    if (node.isTextual()) {
      String text = node.textValue();
      if (CLASS_PROPERTIES.contains(property) || text.contains(".")) {
        requireKnownClass(text);
      }
    }
    for (JsonNode element : node.isArray() ? node : Set.<JsonNode>of()) {
      requireKnownClasses(property, element);
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getKey().contains(".")) {
        requireKnownClass(field.getKey());
      }
      requireKnownClasses(field.getKey(), field.getValue());
    }
  }

  private static void requireKnownClass(String name) {
    if (!CLASSES.contains(STORED_NAMES.getOrDefault(name, name))) {
      throw new IllegalArgumentException(
          "its configuration names '%s', which is no class of this project's networks"
              .formatted(name));
    }
  }

  /**
   * The total number of parameters of the layers.
   *
   * @throws IllegalArgumentException if a size is not positive, or the number overflows
   */
  static long parameters(MultiLayerConfiguration configuration) {
    try {
      long parameters = 0;
      for (NeuralNetConfiguration layer : configuration.getConfs()) {
        parameters = Math.addExact(parameters, parameters(layer.getLayer()));
      }
      return parameters;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("its configuration's sizes are too large", e);
    }
  }

  private static long parameters(Layer layer) {
    if (layer instanceof FeedForwardLayer dense && !(layer instanceof LossLayer)) {
      // DL4J multiplies these without checking for overflow.
      long weights = product(dense.getNIn(), dense.getNOut());
      if (layer instanceof ConvolutionLayer convolution) {
        for (int length : convolution.getKernelSize()) {
          weights = product(weights, length);
        }
      }
    }
    return layer.initializer().numParams(layer);
  }

  private static long product(long size, long other) {
    if (size < 1 || other < 1) {
      throw new IllegalArgumentException(
          "its configuration has layers of %d x %d, expected positive sizes"
              .formatted(size, other));
    }
    return Math.multiplyExact(size, other);
  }
}
