package dev.realnvp.spark.flow;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.FeatureEncoder;
import dev.realnvp.spark.table.FeatureQuery;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.LabelNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The contents of a flow's manifest beside the settings: its sizes, the count of each class or the
 * sum of its rows' weights, and its kind.
 */
public final class FlowModel {

  /** Its kind in the manifest. */
  public static final String KIND = "flow";

  /** The unit of its loss, per row. */
  public static final String UNIT = "nats";

  private static final String CONTEXT = "context";

  /** The columns of the numbers that a flow is conditioned on, if the table had one for each. */
  public static final String CONTEXT_COLS = "context_cols";

  /** The share of the rows that the training held out, of a table without splits. */
  public static final String HELD_OUT = "held_out_share";

  private static final String COUNTS = "class_counts";
  private static final String NAMES = "class_names";

  private FlowModel() {}

  /** Whether the flow is conditioned on numbers, rather than on classes or on nothing. */
  public static boolean isConditionedOnNumbers(StoredModel model) {
    return model.manifest().config().containsKey(CONTEXT);
  }

  /**
   * The columns of the numbers that the flow is conditioned on.
   *
   * @return none if its manifest has none: Spark ML's have one column of vectors
   */
  public static List<String> contextCols(StoredModel model) {
    return model.manifest().config().get(CONTEXT_COLS) instanceof List<?> names
        ? names.stream().map(String::valueOf).toList()
        : List.of();
  }

  /**
   * The share of the rows that its training held out; 0 if its table had splits, and in manifests
   * of versions that held none out.
   */
  public static double heldOut(StoredModel model) {
    return model.manifest().config().get(HELD_OUT) instanceof Number share
        ? share.doubleValue()
        : 0;
  }

  /**
   * Refuses a flow that is conditioned on numbers.
   *
   * @throws InvalidInputException with the uses of such a flow
   */
  public static void requireClassesOrNone(StoredModel model) {
    if (isConditionedOnNumbers(model)) {
      throw new InvalidInputException(
          ("flow %s is conditioned on %s numbers per row, which only score, evaluate and Spark"
                  + " ML's RealNVPModel read; expected one of classes, or of none")
              .formatted(model.manifest().id(), model.manifest().config().get(CONTEXT)));
    }
  }

  /**
   * The facts about a flow that is trained on a table.
   *
   * @param features D
   * @param context C, how many numbers the flow is conditioned on; 0 for none, or a class
   * @param counts the rows of each class that it is conditioned on, or the sums of their weights,
   *     {@code [K]}; one for an unconditional flow
   * @param workers how many trained it
   */
  static Map<String, Object> facts(
      EmbeddingTable table, int features, int context, int classes, double[] counts, int workers) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("workers", workers);
    facts.put("features", features);
    facts.put("classes", classes);
    facts.putAll(table.encoder().facts());
    if (context > 0) {
      facts.put(CONTEXT, context);
    }
    if (classes > 0) {
      facts.put(
          COUNTS,
          table.weights().isEmpty()
              ? DoubleStream.of(counts).mapToObj(n -> (long) n).toList()
              : DoubleStream.of(counts).boxed().toList());
      if (!table.names().isEmpty()) {
        facts.put(NAMES, table.names().names());
      }
    }
    return facts;
  }

  /**
   * How the features come from a row's columns.
   *
   * @param vector the column of vectors, if they do not come from many columns
   * @throws InvalidInputException if the manifest does not say it well
   */
  public static Features features(StoredModel model, String vector) {
    Manifest manifest = model.manifest();
    try {
      return FeatureEncoder.of(manifest.config(), vector)
          .<Features>map(encoder -> encoder)
          .orElseGet(() -> FeatureQuery.of(vector));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "the manifest of flow %s: %s".formatted(manifest.id(), e.getMessage()), e);
    }
  }

  /**
   * The names of the flow's classes; empty if they are numbers.
   *
   * @throws InvalidInputException if the manifest's names are not strings
   */
  public static LabelNames names(StoredModel model) {
    Object names = model.manifest().config().getOrDefault(NAMES, List.of());
    if (!(names instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      throw new InvalidInputException(
          "the manifest of flow %s has %s %s; expected strings"
              .formatted(model.manifest().id(), NAMES, names));
    }
    return new LabelNames(list.stream().map(String.class::cast).toList());
  }

  /**
   * A weight per class, by its frequency in training; one weight for an unconditional flow, none
   * for one that is conditioned on numbers.
   *
   * @throws InvalidInputException if the manifest's number of counts is not the flow's number of
   *     classes
   */
  public static double[] prior(StoredModel model, RealNVP flow) {
    if (isConditionedOnNumbers(model)) {
      return new double[0];
    }
    if (flow.context() == 0) {
      return new double[] {1};
    }
    Manifest manifest = model.manifest();
    if (!(manifest.config().get(COUNTS) instanceof List<?> counts)
        || counts.size() != flow.context()
        || !counts.stream().allMatch(Number.class::isInstance)) {
      throw new InvalidInputException(
          "the manifest of flow %s has %s %s; expected %d numbers"
              .formatted(manifest.id(), COUNTS, manifest.config().get(COUNTS), flow.context()));
    }
    return IntStream.range(0, counts.size())
        .mapToDouble(k -> ((Number) counts.get(k)).doubleValue())
        .toArray();
  }
}
