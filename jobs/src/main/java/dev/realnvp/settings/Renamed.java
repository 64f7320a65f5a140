package dev.realnvp.settings;

import java.util.Map;
import java.util.Optional;

/**
 * Former names that this version still reads, and the next does not: of settings, of one setting's
 * value, and of a command's option.
 */
public final class Renamed {

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("flow.features-col", "table.features-col"),
          Map.entry("flow.label-col", "table.label-col"),
          Map.entry("flow.context-cols", "table.context-cols"),
          Map.entry("flow.where", "table.where"),
          Map.entry("flow.weight-col", "table.weight-col"),
          Map.entry("train.master", "train.training-master"),
          Map.entry("autoencoder.warm-up", "autoencoder.warm-up-share"),
          Map.entry("classifier.warm-up", "classifier.warm-up-share"),
          Map.entry("flow.warm-up", "flow.warm-up-share"),
          Map.entry("autoencoder.clip-norm", "autoencoder.max-gradient-norm"),
          Map.entry("classifier.clip-norm", "classifier.max-gradient-norm"),
          Map.entry("flow.clip-norm", "flow.max-gradient-norm"),
          Map.entry("evaluate.against", "evaluate.out-of-distribution"));

  private static final Map<String, String> OPTIONS = Map.of("--out-of-distribution", "--against");

  private Renamed() {}

  /** Today's name of a setting. */
  public static String setting(String name) {
    return SETTINGS.getOrDefault(name, name);
  }

  /**
   * Today's word for a setting's value.
   *
   * @param setting by today's name
   */
  public static Object value(String setting, Object value) {
    return setting.equals("flow.mask") && "odds".equalsIgnoreCase(value.toString()) ? "odd" : value;
  }

  /** What a command's option was called; empty for those that kept their names. */
  public static Optional<String> formerOption(String name) {
    return Optional.ofNullable(OPTIONS.get(name));
  }
}
