package dev.realnvp.spark.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.flow.FlowSettings;
import dev.realnvp.spark.flow.FlowTraining;
import dev.realnvp.spark.flow.FlowTraining.TrainedFlow;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.stored.StoredModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import scala.Option;

/**
 * Estimates the density of the rows of a data set by a RealNVP, conditioned on a class or on
 * numbers if {@link #contextCol()} is set: what the job {@code train-flow} does to a table. The
 * same rows, in any order, with the same settings and workers give the same model, bit for bit.
 *
 * <pre>{@code
 * RealNVPModel model = new RealNVP().setFeaturesCol("embedding").setContextCol("label").fit(rows);
 * Dataset<Row> scores = model.transform(rows);
 * }</pre>
 */
public final class RealNVP extends Estimator<RealNVPModel>
    implements FlowParams<RealNVP>, DefaultParamsWritable {

  private final String uid;
  private transient FitListener listener = (epoch, loss, validation, rowsPerSecond) -> {};

  public RealNVP() {
    this(Identifiable.randomUID("realnvp"));
  }

  public RealNVP(String uid) {
    this.uid = uid;
    Parameters.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * Sets who is told of each epoch. A copy of the stage has it too; it is not saved, and Java's
   * serialization leaves it out, because it is of this program: such a stage says so in the log.
   */
  public RealNVP setListener(FitListener told) {
    listener = told;
    return this;
  }

  /**
   * Trains.
   *
   * @throws dev.realnvp.spark.failure.InvalidInputException if the columns are not what they should
   *     be, or their rows are not
   * @throws IllegalArgumentException if {@link #patience()} is above 0 and there are no rows to
   *     validate on
   * @throws dev.realnvp.spark.failure.TrainingException if the loss is no longer finite
   */
  @Override
  public RealNVPModel fit(Dataset<?> data) {
    transformSchema(data.schema());
    TrainingRows rows = TrainingRows.of(this, data);
    boolean cache = data.storageLevel().equals(StorageLevel.NONE());
    if (cache) {
      rows.columns().persist(StorageLevel.MEMORY_AND_DISK());
    }
    try {
      return fit(data.sparkSession(), rows.table(), rows.context());
    } finally {
      if (cache) {
        rows.columns().unpersist();
      }
    }
  }

  private RealNVPModel fit(SparkSession spark, EmbeddingTable table, int context) {
    FlowTraining training = FlowTraining.of(spark, table, settings(spark, context));
    TrainedFlow trained = training.run(new FlowLog(training.validationRows(), listener), null);
    Map<String, Object> config = new LinkedHashMap<>(trained.facts());
    config.put("params", paramValues());
    Manifest manifest =
        Manifests.builder(FlowModel.KIND)
            .network(trained.flow().network())
            .settings(config, getSeed())
            .from(table.fingerprint(), Map.of())
            .history(trained.history())
            .build();
    StoredModel stored =
        new StoredModel(
            trained.flow().network(), manifest, trained.calibration(), trained.reference());
    return copyValues(new RealNVPModel(uid, stored), new ParamMap()).setParent(this);
  }

  private FlowSettings settings(SparkSession spark, int context) {
    Config config =
        Parameters.settings(this)
            .withValue(
                "flow.conditional", ConfigValueFactory.fromAnyRef(!getContextCol().isEmpty()));
    JavaSparkContext cores = JavaSparkContext.fromSparkContext(spark.sparkContext());
    FlowSettings settings =
        FlowSettings.of(config, context, TrainingPlan.of(config, "flow", cores));
    settings
        .noiseConflict()
        .ifPresent(
            with -> {
              throw new IllegalArgumentException(
                  "noise: got %s, expected 0 with %s".formatted(getNoise(), with));
            });
    settings
        .hiddenTrouble()
        .ifPresent(
            expected -> {
              throw new IllegalArgumentException(
                  "hidden: got %s, expected %s".formatted(Arrays.toString(getHidden()), expected));
            });
    return settings;
  }

  /** The parameters that are set or have a default, by name. */
  private Map<String, Object> paramValues() {
    Map<String, Object> values = new LinkedHashMap<>();
    Arrays.stream(params())
        .filter(this::isDefined)
        .forEach(param -> values.put(param.name(), Parameters.plain(getOrDefault(param))));
    return values;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    requireFeatures(schema);
    if (!getContextCol().isEmpty()) {
      Columns.requireContext(schema, getContextCol());
    }
    if (!getWeightCol().isEmpty()) {
      Columns.requireNumeric(schema, getWeightCol(), "weightCol");
    }
    if (!getValidationIndicatorCol().isEmpty()) {
      Columns.require(
          schema, getValidationIndicatorCol(), "validationIndicatorCol", DataTypes.BooleanType);
    }
    if (getPatience() > 0 && getValidationIndicatorCol().isEmpty()) {
      throw new IllegalArgumentException(
          "patience: got %d, expected 0 where validationIndicatorCol is not set"
              .formatted(getPatience()));
    }
    return Columns.append(schema, Columns.ofFlow(this, hasClasses(schema), null));
  }

  private void requireFeatures(StructType schema) {
    boolean asked;
    try {
      asked = KindChoice.wishes(getColumnKinds()).filter(said -> !said.isEmpty()).isPresent();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("columnKinds: " + e.getMessage(), e);
    }
    if (getFeaturesCols().isBlank()) {
      Columns.requireFeatures(schema, getFeaturesCol());
      if (asked) {
        throw new IllegalArgumentException(
            "columnKinds: got '%s', expected auto where featuresCols is not set"
                .formatted(getColumnKinds()));
      }
      return;
    }
    if (!getContextCol().isEmpty() && !hasClasses(schema)) {
      throw new IllegalArgumentException(
          "contextCol: got numbers in '%s', expected classes where featuresCols is set"
              .formatted(getContextCol()));
    }
  }

  private boolean hasClasses(StructType schema) {
    return !getContextCol().isEmpty() && !Columns.holdsNumbers(schema, getContextCol());
  }

  /** As Spark does, but with sizes as numbers in the place of what an array calls itself. */
  @Override
  @SuppressWarnings("ArrayToString")
  public String explainParam(Param<?> param) {
    String explained = super.explainParam(param);
    for (Option<?> value : List.of(getDefault(param), get(param))) {
      if (value.isDefined() && value.get() instanceof int[] sizes) {
        explained = explained.replace(sizes.toString(), Arrays.toString(sizes));
      }
    }
    return explained;
  }

  @Override
  public RealNVP copy(ParamMap extra) {
    return ((RealNVP) defaultCopy(extra)).setListener(listener);
  }

  /** Reads an estimator that {@code write} saved. */
  public static MLReader<RealNVP> read() {
    return new DefaultParamsReader<>();
  }

  public static RealNVP load(String path) {
    return read().load(path);
  }
}
