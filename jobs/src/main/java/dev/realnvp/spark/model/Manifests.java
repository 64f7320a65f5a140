package dev.realnvp.spark.model;

import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.training.EpochStats;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Makes manifests of new outputs. */
public final class Manifests {

  private Manifests() {}

  /**
   * The manifest of a trained model.
   *
   * @param config the settings that it was made with, and facts that its readers need
   * @param data the fingerprint of the table it was trained on
   * @param parents ids of that table and of its sources, by kind
   */
  public static Manifest model(
      String kind,
      MultiLayerNetwork network,
      Map<String, Object> config,
      long seed,
      String data,
      Map<String, String> parents,
      List<EpochStats> history) {
    return new Manifest(
        kind,
        ModelStore.id(network),
        now(),
        config,
        seed,
        versions(),
        network.numParams(),
        data,
        parents,
        history.stream().map(Manifests::epoch).toList());
  }

  /**
   * The manifest of a table, or of the metrics.
   *
   * @param id of its content
   * @param config the settings that it was made with, and facts that its readers need
   * @param data the fingerprint of its input
   * @param parents ids of its inputs and of their sources, by kind
   */
  public static Manifest table(
      String kind,
      String id,
      Map<String, Object> config,
      long seed,
      String data,
      Map<String, String> parents) {
    return new Manifest(kind, id, now(), config, seed, versions(), 0, data, parents, List.of());
  }

  private static Map<String, Object> epoch(EpochStats stats) {
    Map<String, Object> epoch = new LinkedHashMap<>();
    epoch.put("epoch", stats.epoch());
    epoch.put("seconds", stats.seconds());
    epoch.put("averaging_seconds", orNull(stats.averagingSeconds()));
    epoch.put("waiting_seconds", orNull(stats.waitingSeconds()));
    epoch.put("examples", stats.examples());
    epoch.put("train_loss", stats.trainLoss());
    epoch.put("validation_loss", orNull(stats.validationLoss()));
    return epoch;
  }

  /** JSON has no NaN, so a missing figure is null. */
  private static Double orNull(double figure) {
    return Double.isNaN(figure) ? null : figure;
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = Versions.collect();
    versions.put("spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
    return versions;
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
