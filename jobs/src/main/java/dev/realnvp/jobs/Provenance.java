package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.training.EpochStats;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Makes the manifests: what an output was made of, with which settings and versions. */
final class Provenance {

  private Provenance() {}

  /**
   * A trained model's manifest.
   *
   * @param section of the settings that it was trained with
   * @param facts about the model that its readers need, beside the settings
   * @param data the fingerprint of the table it was trained on
   * @param parents ids of what that table came through, by kind
   */
  static Manifest model(
      String kind,
      MultiLayerNetwork network,
      Config config,
      String section,
      Map<String, Object> facts,
      String data,
      Map<String, String> parents,
      List<EpochStats> history) {
    Map<String, Object> settings = new LinkedHashMap<>(facts);
    settings.put("settings", new TreeMap<>(config.getObject(section).unwrapped()));
    settings.put("train", new TreeMap<>(config.getObject("train").unwrapped()));
    return new Manifest(
        kind,
        ModelStore.id(network),
        now(),
        settings,
        config.getLong("seed"),
        versions(),
        network.numParams(),
        data,
        parents,
        history.stream().map(Provenance::epoch).toList());
  }

  /**
   * A table's manifest. Its id follows from its kind, its data, its parents and the facts.
   *
   * @param data the fingerprint of the table it was made of
   */
  static Manifest table(
      String kind,
      Config config,
      Map<String, Object> facts,
      String data,
      Map<String, String> parents) {
    return new Manifest(
        kind,
        id(kind, data, new TreeMap<>(parents).toString(), new TreeMap<>(facts).toString()),
        now(),
        facts,
        config.getLong("seed"),
        versions(),
        0,
        data,
        parents,
        List.of());
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

  /** JSON has no NaN: a figure that there is none of is null. */
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

  private static String id(String... parts) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
