package dev.realnvp.jobs;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.model.StoredModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/**
 * What a flow's manifest says beside the settings: its sizes, and how often each class was seen.
 */
final class FlowModel {

  /** What the manifest calls it. */
  static final String KIND = "flow";

  /** Of its loss, a row. */
  static final String UNIT = "nats";

  private static final String COUNTS = "class_counts";

  private FlowModel() {}

  /**
   * The facts about a flow that is trained on the table by so many workers, with that many classes,
   * 0 for none.
   */
  static Map<String, Object> facts(EmbeddingTable table, int classes, int workers) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("workers", workers);
    facts.put("features", table.features());
    facts.put("classes", classes);
    if (classes > 0) {
      long[] counts = new long[classes];
      for (Row row : table.split(Split.TRAIN).groupBy("label").count().collectAsList()) {
        counts[row.getInt(0)] = row.getLong(1);
      }
      facts.put(COUNTS, counts);
    }
    return facts;
  }

  /**
   * A weight a class, by its frequency in training; one weight for an unconditional flow.
   *
   * @throws InvalidInputException if the manifest's are not as many as the flow has classes
   */
  static double[] prior(StoredModel model, RealNVP flow) {
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
