package dev.realnvp.spark.ml;

import static java.util.Map.entry;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/** The parameters that are settings of the jobs: these say their ranges and their defaults. */
final class SettingParams {

  private static final Config DEFAULTS = Defaults.resolved();

  /** The settings, by the parameter's name. */
  private static final Map<String, String> KEYS =
      Map.ofEntries(
          entry("preset", "flow.preset"),
          entry("classEmbedding", "flow.class-embedding"),
          entry("couplings", "flow.couplings"),
          entry("hidden", "flow.hidden"),
          entry("conditioner", "flow.conditioner"),
          entry("coupling", "flow.coupling"),
          entry("mask", "flow.mask"),
          entry("permute", "flow.permute"),
          entry("linear", "flow.linear"),
          entry("batchNorm", "flow.batch-norm"),
          entry("activationNorm", "flow.activation-norm"),
          entry("sharedNetwork", "flow.shared-network"),
          entry("base", "flow.base"),
          entry("standardize", "flow.standardize"),
          entry("noise", "flow.noise"),
          entry("trim", "flow.trim"),
          entry("maxEpochs", "flow.epochs"),
          entry("batchSize", "flow.batch"),
          entry("smallestBatchSize", "flow.smallest-batch"),
          entry("averagingInterval", "flow.averaging-interval"),
          entry("stepSize", "flow.learning-rate"),
          entry("scaleStepSize", "train.scale-learning-rate"),
          entry("schedule", "flow.schedule"),
          entry("warmUpShare", "flow.warm-up-share"),
          entry("maxGradientNorm", "flow.max-gradient-norm"),
          entry("patience", "flow.patience"),
          entry("l2", "flow.l2"),
          entry("seed", "seed"),
          entry("numWorkers", "train.workers"),
          entry("falseAlarmRate", "score.false-alarm-rate"),
          entry("inferenceBatch", "inference.batch"));

  /** Former names of parameters, which saved stages have. */
  private static final Map<String, String> FORMER =
      Map.of("warmUp", "warmUpShare", "clipNorm", "maxGradientNorm");

  private SettingParams() {}

  /** Today's name of a parameter. */
  static String name(String name) {
    return FORMER.getOrDefault(name, name);
  }

  /**
   * A whole number.
   *
   * @param doc what it is, with %s in the place of its range; so for the others
   */
  static IntParam whole(Params stage, String name, String doc) {
    return new IntParam(stage, name, doc.formatted(range(name).symbols()), valid(name));
  }

  /** A real number. */
  static DoubleParam real(Params stage, String name, String doc) {
    return new DoubleParam(stage, name, doc.formatted(range(name).symbols()), valid(name));
  }

  /** One of some words. */
  static Param<String> text(Params stage, String name, String doc) {
    return new Param<>(stage, name, doc.formatted(range(name).symbols()), valid(name));
  }

  /** Whole numbers. */
  static IntArrayParam sizes(Params stage, String name, String doc) {
    return new IntArrayParam(stage, name, doc.formatted(range(name).symbols()), valid(name));
  }

  private static <T> Function1<T, Object> valid(String name) {
    return (Function1<T, Object> & Serializable) value -> range(name).valid().test(value);
  }

  private static Range range(String name) {
    return Range.of(KEYS.get(name)).orElseThrow();
  }

  /** Sets the defaults of those that a stage has. */
  static void setDefaults(FluentParams<?> stage) {
    for (Param<?> param : stage.params()) {
      Optional.ofNullable(KEYS.get(param.name())).ifPresent(key -> setDefault(stage, param, key));
    }
  }

  @SuppressWarnings("unchecked")
  private static void setDefault(FluentParams<?> stage, Param<?> param, String key) {
    Object value;
    if (isAutomatic(param, key)) {
      return;
    } else if (param instanceof IntParam) {
      value = DEFAULTS.getInt(key);
    } else if (param instanceof LongParam) {
      value = DEFAULTS.getLong(key);
    } else if (param instanceof DoubleParam) {
      value = DEFAULTS.getDouble(key);
    } else if (param instanceof BooleanParam) {
      value = DEFAULTS.getBoolean(key);
    } else if (param instanceof IntArrayParam) {
      value = DEFAULTS.getIntList(key).stream().mapToInt(Integer::intValue).toArray();
    } else {
      value = DEFAULTS.getString(key);
    }
    stage.setDefault((Param<Object>) param, value);
  }

  /**
   * Whether a number or a truth value has no default, since what is not set follows from the table.
   */
  private static boolean isAutomatic(Param<?> param, String key) {
    return (param instanceof DoubleParam || param instanceof BooleanParam)
        && DEFAULTS.getString(key).equals("auto");
  }

  /** The jobs' settings, by the values of a stage's parameters. */
  static Config settings(FluentParams<?> stage) {
    Config settings = DEFAULTS;
    for (Param<?> param : stage.params()) {
      if (KEYS.containsKey(param.name()) && stage.isDefined(param)) {
        String key = KEYS.get(param.name());
        Object value = plain(stage.getOrDefault(param));
        settings = settings.withValue(key, ConfigValueFactory.fromAnyRef(value));
      }
    }
    return settings;
  }

  /** A value as JSON and HOCON know it. */
  static Object plain(Object value) {
    return value instanceof int[] sizes ? Arrays.stream(sizes).boxed().toList() : value;
  }

  /** Sets them, and that of what is done with invalid rows, which a setting says. */
  static void columns(FlowColumns<?> stage) {
    stage.setDefault(stage.featuresCol(), "features");
    logProb(stage, stage.logProbCol());
    stage.setDefault(stage.logProbsCol(), "logProbs");
    stage.setDefault(stage.probabilityCol(), "probability");
    stage.setDefault(stage.predictionCol(), "prediction");
    stage.setDefault(stage.latentCol(), "latent");
    stage.setDefault(stage.anomalyCol(), "anomaly");
    stage.setDefault(stage.anomalyScoreCol(), "anomalyScore");
    stage.setDefault(stage.explanationCol(), "");
    stage.setDefault(stage.explanations(), 3);
    stage.setDefault(
        stage.handleInvalid(),
        Defaults.resolved().getBoolean("skip-invalid") ? FlowColumns.SKIP : FlowColumns.ERROR);
    SettingParams.setDefaults(stage);
  }

  /** Sets that of the column of log p(x). */
  static void logProb(FluentParams<?> stage, Param<String> column) {
    stage.setDefault(column, "logProb");
  }
}
