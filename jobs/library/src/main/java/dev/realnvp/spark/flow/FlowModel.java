package dev.realnvp.spark.flow;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.MetricFeatures;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.HoldOut;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.training.Suspects;
import dev.realnvp.stored.FlowFacts;
import dev.realnvp.stored.StoredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The contents of a flow's manifest beside the settings: its sizes, the count of each class or the
 * sum of its rows' weights, and its kind.
 */
public final class FlowModel {

  public static final String KIND = FlowFacts.KIND;

  /** The unit of its loss, per row. */
  public static final String UNIT = "nats";

  /** The columns of the numbers that a flow is conditioned on, if the table had one for each. */
  public static final String CONTEXT_COLS = "context_cols";

  /** The share of the rows that the training held out, of a table without splits. */
  private static final String HELD_OUT = "held_out_share";

  /** Whether that table had many copies; only there if it had. */
  private static final String COPIES = "held_out_of_copies";

  /**
   * Of the rows that the training might leave out: their share, and the features in which they
   * differ most, with how far in deviations.
   */
  public static final String SUSPECTS = "suspects";

  /** How many rows it was trained on, and of how many; only there if not all were. */
  public static final String SAMPLE = "sample";

  private FlowModel() {}

  /** Features and by how many deviations they differ, {@code price +3.1, weight -0.4}. */
  public static String text(Map<?, ?> shifts) {
    return shifts.entrySet().stream()
        .map(
            e ->
                String.format(
                    Locale.ROOT, "%s %+.1f", e.getKey(), ((Number) e.getValue()).doubleValue()))
        .collect(Collectors.joining(", "));
  }

  static Map<String, Double> shifts(Suspects suspects, List<String> names) {
    Map<String, Double> shifts = new LinkedHashMap<>();
    for (Suspects.Shift shift : suspects.shifts()) {
      int j = shift.feature();
      shifts.put(names.isEmpty() ? "feature " + j : names.get(j), shift.deviations());
    }
    return shifts;
  }

  /** Whether the flow is conditioned on numbers, rather than on classes or on nothing. */
  public static boolean isConditionedOnNumbers(StoredModel model) {
    return new FlowFacts(model.manifest()).isConditionedOnNumbers();
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

  /** The facts that {@link #heldOut(StoredModel)} reads. */
  public static Map<String, Object> heldOut(HoldOut held) {
    return held.copies().orElse(false)
        ? Map.of(HELD_OUT, held.share(), COPIES, true)
        : Map.of(HELD_OUT, held.share());
  }

  /**
   * Which rows its training held out; none if its table had splits, and in manifests of versions
   * that held none out.
   */
  public static HoldOut heldOut(StoredModel model) {
    Map<String, Object> facts = model.manifest().config();
    return new HoldOut(
        facts.get(HELD_OUT) instanceof Number share ? share.doubleValue() : 0,
        Optional.of(Boolean.TRUE.equals(facts.get(COPIES))));
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
              .formatted(model.manifest().id(), model.manifest().config().get(FlowFacts.CONTEXT)));
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
    facts.putAll(table.encoder().learnt().facts());
    if (context > 0) {
      facts.put(FlowFacts.CONTEXT, context);
    }
    if (classes > 0) {
      facts.put(
          FlowFacts.COUNTS,
          table.weights().isEmpty()
              ? DoubleStream.of(counts).mapToObj(n -> (long) n).toList()
              : DoubleStream.of(counts).boxed().toList());
      if (!table.names().isEmpty()) {
        facts.put(FlowFacts.NAMES, table.names().names());
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
    return read(model, FlowFacts::features)
        .map(learnt -> Features.of(vector, learnt))
        .orElseGet(() -> Features.of(vector));
  }

  /** How rows of several kinds of features are measured without the flow; empty of one kind. */
  public static Optional<MetricFeatures> metric(RealNVP flow, Features encoder) {
    return flow.mixed()
        .map(
            mixed ->
                new MetricFeatures(
                    mixed.kinds(),
                    IntStream.range(0, mixed.kinds().size())
                        .mapToObj(j -> !encoder.learnt().isCategory(j))
                        .toList()));
  }

  /**
   * The names of the flow's classes; empty if they are numbers.
   *
   * @throws InvalidInputException if the manifest's names are not strings
   */
  public static LabelNames names(StoredModel model) {
    return new LabelNames(read(model, FlowFacts::classNames));
  }

  /**
   * A weight per class; see {@link FlowFacts#prior}.
   *
   * @throws InvalidInputException if the manifest's number of counts is not the flow's number of
   *     classes
   */
  public static double[] prior(StoredModel model, RealNVP flow) {
    return read(model, facts -> facts.prior(flow.context()));
  }

  private static <T> T read(StoredModel model, Function<FlowFacts, T> fact) {
    try {
      return fact.apply(new FlowFacts(model.manifest()));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }
}
