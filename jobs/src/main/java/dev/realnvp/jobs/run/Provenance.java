package dev.realnvp.jobs.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Redaction;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Makes the manifest of what a stage makes, which says of what it is made, with which settings and
 * versions, and tells what has changed since.
 *
 * @param parents ids of what the stage reads, and of what that came through, by kind
 * @param tables the tables that the stage reads and that are not the run's own, by kind: their
 *     places, or their names in Spark's catalog with their versions
 */
public record Provenance(
    RunStage stage, Config config, Map<String, String> parents, Map<String, String> tables) {

  /** What a table's manifest calls the number of its rows. */
  public static final String ROWS = "rows";

  /** What the manifest of scores calls the fingerprint of what they follow from. */
  public static final String SEEN = "rows_fingerprint";

  /**
   * What a manifest calls the tables that are not the run's own. They are not part of an id: the
   * same rows elsewhere are the same.
   */
  public static final String TABLES = "tables";

  private static final String SETTINGS = "settings";

  /** What {@link Versions} calls this project. */
  private static final String PROJECT = "realnvp-spark";

  /** That of what is made of the run's outputs as they are now. */
  public static Provenance of(Run run, RunStage stage) throws IOException {
    return new Provenance(stage, run.settings(), run.parents(stage), run.tables(stage));
  }

  /**
   * A trained model's manifest.
   *
   * @param facts about the model that its readers need, beside the settings
   * @param data the fingerprint of the table it was trained on
   */
  public Manifest model(
      MultiLayerNetwork network, Map<String, Object> facts, String data, List<EpochStats> history) {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    int best = EpochStats.best(history);
    if (best > 0 && best < history.size()) {
      all.put(Manifest.KEPT_EPOCH, best);
    }
    return builder(all, data).network(network).history(history).build();
  }

  /**
   * The manifest of a table, or of the metrics. Its id follows from its stage, the settings, the
   * facts, its data and its parents, and from no place.
   *
   * @param data the fingerprint of the table it was made of
   */
  public Manifest table(Map<String, Object> facts, String data) {
    String id =
        id(
            stage.kind(),
            data,
            new TreeMap<>(parents).toString(),
            new TreeMap<>(described(facts)).toString());
    return builder(facts, data).id(id).build();
  }

  /**
   * The manifest of {@code images/}. Its id is the fingerprint of the images themselves: the same
   * ones out of other files are the same.
   *
   * @param source the fingerprint of the files they were read from
   */
  public Manifest images(ImageTable images, String source) {
    return builder(Map.of(ROWS, images.count()), source).id(images.fingerprint()).build();
  }

  private Manifest.Builder builder(Map<String, Object> facts, String data) {
    Map<String, Object> described = described(facts);
    if (!tables.isEmpty()) {
      described.put(TABLES, tables);
    }
    return Manifests.builder(stage.kind())
        .settings(described, config.getLong("seed"))
        .from(data, parents);
  }

  private Map<String, Object> described(Map<String, Object> facts) {
    Map<String, Object> settings = new TreeMap<>();
    recorded(stage, config).forEach((key, value) -> settings.put(key, value.unwrapped()));
    Map<String, Object> described = new LinkedHashMap<>(facts);
    described.put(SETTINGS, settings);
    return described;
  }

  /**
   * The settings that decide what a stage makes, credentials masked. Names of columns and
   * predicates are about data, so that what looks like a credential in them is none.
   */
  private static SortedMap<String, ConfigValue> recorded(RunStage stage, Config config) {
    SortedMap<String, ConfigValue> recorded = stage.settings(config);
    Map<String, Object> masked = new LinkedHashMap<>();
    recorded.forEach((key, value) -> masked.put(key, value.unwrapped()));
    masked.keySet().removeIf(key -> key.startsWith("table.") || key.equals("score.keep"));
    Redaction.settings(masked)
        .forEach((key, value) -> recorded.put(key, ConfigValueFactory.fromAnyRef(value)));
    return recorded;
  }

  /**
   * What is not as it was when the stage's output was made: settings, and this project's version.
   *
   * @return sentences, {@code flow.epochs was 20, is 5}; none where all is the same
   */
  public static List<String> changes(RunStage stage, Config config, Manifest manifest) {
    if (!(manifest.config().get(SETTINGS) instanceof Map<?, ?>)) {
      return List.of("its manifest has no " + SETTINGS);
    }
    Map<String, ConfigValue> before = settings(manifest);
    Map<String, ConfigValue> now = recorded(stage, config);
    before.put(PROJECT, ConfigValueFactory.fromAnyRef(manifest.versions().get(PROJECT)));
    now.put(PROJECT, ConfigValueFactory.fromAnyRef(Versions.PROJECT));
    SortedSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(before.get(key), now.get(key)))
        .map(key -> "%s was %s, is %s".formatted(key, shown(before.get(key)), shown(now.get(key))))
        .toList();
  }

  /** The settings that a manifest records; none where it records none. */
  public static SortedMap<String, ConfigValue> settings(Manifest manifest) {
    SortedMap<String, ConfigValue> settings = new TreeMap<>();
    if (manifest.config().get(SETTINGS) instanceof Map<?, ?> recorded) {
      recorded.forEach(
          (key, value) -> settings.put(key.toString(), ConfigValueFactory.fromAnyRef(value)));
    }
    return settings;
  }

  private static String shown(ConfigValue value) {
    return value == null ? "not there" : Settings.shown(value);
  }

  private static String id(String... parts) {
    return DigestUtils.sha256Hex(String.join("\n", parts)).substring(0, 16);
  }
}
