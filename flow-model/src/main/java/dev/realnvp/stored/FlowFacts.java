package dev.realnvp.stored;

import dev.realnvp.model.Manifest;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the manifest of a flow says of it beside the settings of its training.
 *
 * @param manifest of a flow
 */
public record FlowFacts(Manifest manifest) {

  /** The kind of a flow in manifests. */
  public static final String KIND = "flow";

  /** How many numbers the flow is conditioned on; absent if it is on none, or on a class. */
  public static final String CONTEXT = "context";

  /** The rows of each class that the flow is conditioned on, or the sums of their weights. */
  public static final String COUNTS = "class_counts";

  /** What these classes are called; absent if they are numbers. */
  public static final String NAMES = "class_names";

  /** Whether the flow is conditioned on numbers, rather than on classes or on nothing. */
  public boolean isConditionedOnNumbers() {
    return manifest.config().containsKey(CONTEXT);
  }

  /**
   * How the features come from a row's columns; empty if they are a vector that is taken as it is.
   *
   * @throws IllegalArgumentException if the manifest does not say it well
   */
  public Optional<FeatureColumns> features() {
    try {
      return FeatureColumns.of(manifest.config());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the manifest of flow %s: %s".formatted(manifest.id(), e.getMessage()), e);
    }
  }

  /**
   * The names of the flow's classes, from class 0 on; empty if they are numbers.
   *
   * @throws IllegalArgumentException if the manifest's names are not strings
   */
  public List<String> classNames() {
    Object names = manifest.config().getOrDefault(NAMES, List.of());
    if (!(names instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
      throw new IllegalArgumentException(
          "the manifest of flow %s has %s %s; expected strings"
              .formatted(manifest.id(), NAMES, names));
    }
    return list.stream().map(String.class::cast).toList();
  }

  /**
   * A weight per class, by its frequency in training; one weight for an unconditional flow, none
   * for one that is conditioned on numbers.
   *
   * @param context C, how many values the flow is conditioned on
   * @throws IllegalArgumentException if the manifest's number of counts is not the flow's number of
   *     classes
   */
  public double[] prior(int context) {
    if (isConditionedOnNumbers()) {
      return new double[0];
    }
    if (context == 0) {
      return new double[] {1};
    }
    if (!(manifest.config().get(COUNTS) instanceof List<?> counts)
        || counts.size() != context
        || !counts.stream().allMatch(Number.class::isInstance)) {
      throw new IllegalArgumentException(
          "the manifest of flow %s has %s %s; expected %d numbers"
              .formatted(manifest.id(), COUNTS, manifest.config().get(COUNTS), context));
    }
    return IntStream.range(0, context)
        .mapToDouble(k -> ((Number) counts.get(k)).doubleValue())
        .toArray();
  }
}
