package dev.realnvp.spark.flow;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.Moments;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.Reference;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.TransientFailures;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.FlowComparison;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.preflight.LocalDiskSpace;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.Suspects;
import dev.realnvp.spark.training.TrainingPlan;
import dev.realnvp.spark.training.rows.Shard;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.LoggerFactory;

/**
 * Trains a flow on the train split of a table, and calibrates it.
 *
 * @param allRows the train rows of the table, of which {@link #rows} are trained on
 * @param table with the rows to train on, and those to validate on
 * @param previous the flow that it goes on from
 */
public record FlowTraining(
    SparkSession spark,
    long allRows,
    EmbeddingTable table,
    FlowSettings settings,
    Optional<RealNVP> previous) {

  /** The calibration's name for rows that were held out of the train split. */
  private static final String VALIDATION = "validation";

  /** Of a sample, the rows that are trained on for each that is held out, at least. */
  private static final long TRAINED_OF_HELD_OUT = 8;

  /**
   * A training on a table; some of its train rows are held out if the settings say so. Of more rows
   * than the budget allows, a sample is trained on, and a sample of the others is held out.
   *
   * @throws InvalidInputException if there is no row to train on, or only one feature
   */
  public static FlowTraining of(SparkSession spark, EmbeddingTable whole, FlowSettings settings) {
    double share = settings.validation();
    EmbeddingTable table = share == 0 ? whole : whole.holdOut(share);
    long rows = table.splits().get(Split.TRAIN);
    if (rows == 0) {
      throw new InvalidInputException(table.name() + " has no rows of split 'train'");
    }
    int features = table.features() - settings.context();
    if (features < 2) {
      throw new InvalidInputException(
          "rows of %s have %d feature; a flow takes at least 2".formatted(table.name(), features));
    }
    long most = settings.plan().mostRows(rows, settings.usualFor(rows));
    return new FlowTraining(
        spark,
        rows,
        most < rows ? sample(table, most, settings) : table,
        settings,
        Optional.empty());
  }

  private static EmbeddingTable sample(EmbeddingTable table, long most, FlowSettings settings) {
    double share = (double) most / table.splits().get(Split.TRAIN);
    double held = Math.max(1, table.splits().get(Split.TEST)) * TRAINED_OF_HELD_OUT;
    return table.sample(share, Math.min(1, most / held), settings.plan().settings().seed());
  }

  /**
   * The training that goes on from a flow: with its weights and its standardisation, which the
   * weights refer to.
   *
   * @throws InvalidInputException if the flow is of other features, classes or numbers
   */
  public FlowTraining from(RealNVP flow) {
    int context = settings.context() > 0 ? settings.context() : classes();
    if (flow.features() != features() || flow.context() != context) {
      throw new InvalidInputException(
          "the flow to go on from has %d features, given %d classes or numbers; %s has %d and %d, expected the same"
              .formatted(flow.features(), flow.context(), table.name(), features(), context));
    }
    return new FlowTraining(spark, allRows, table, settings, Optional.of(flow));
  }

  public long rows() {
    return table.splits().get(Split.TRAIN);
  }

  public long validationRows() {
    return table.splits().get(Split.TEST);
  }

  /** K, the number of classes that the flow is conditioned on; 0 for none. */
  public int classes() {
    return settings.conditional() && settings.context() == 0 ? table.classes() : 0;
  }

  private TrainingPlan plan(OptionalInt workersBefore) {
    return settings.plan().forRows(rows(), settings.usualFor(rows()), workersBefore);
  }

  /** Whether the table has so few rows that some of the workers that there could be have none. */
  public boolean leavesWorkersIdle() {
    return plan(OptionalInt.empty()).workers() < settings.plan().workers();
  }

  /** D. */
  private int features() {
    return table.features() - settings.context();
  }

  /**
   * Trains and calibrates the flow.
   *
   * @param checkpoints to continue from and to write; null for none
   * @throws dev.realnvp.spark.failure.RetryableException if its rows do not fit into Spark's local
   *     folders
   * @throws IllegalArgumentException if it may stop early, but there are no validation rows
   */
  public TrainedFlow run(FlowListener listener, Checkpoints checkpoints) {
    // A label and a weight, at most, beside the values.
    LocalDiskSpace.require(
        JavaSparkContext.fromSparkContext(spark.sparkContext()),
        (rows() + validationRows()) * Shards.shuffledBytes((long) table.features() * Float.BYTES));
    TrainingPlan plan = plan(checkpoints == null ? OptionalInt.empty() : checkpoints.workers());
    Map<String, JavaRDD<Shard>> shards =
        Shards.embeddings(
            table.weighed(),
            table.splits(),
            features(),
            settings.context(),
            classes(),
            plan.workers(),
            plan.shuffleMegabytes());
    // What else is to be known of the rows comes from those that are dealt, not from their table.
    JavaRDD<Shard> train = shards.get(Split.TRAIN);
    shards.values().forEach(rows -> rows.persist(StorageLevel.DISK_ONLY()));
    try {
      double[] prior = prior(train);
      Map<String, Object> facts =
          FlowModel.facts(table, features(), settings.context(), classes(), prior, plan.workers());
      if (rows() < allRows) {
        facts.put(FlowModel.SAMPLE, Map.of("rows", rows(), "of", allRows));
      }
      Manifests.requireRoom(facts, table.name());
      Optional<TableKinds> kinds =
          table.encoder().learnt().kinds() ? Optional.of(kinds(train)) : Optional.empty();
      RealNVPConfig config =
          settings.network(
              kinds.map(TableKinds::coordinates).orElse(features()), classes(), rows(), previous);
      RealNVP flow =
          kinds.isPresent()
              ? mixed(listener, config, plan.optimizer(rows()), kinds.get())
              : flow(listener, config, plan.optimizer(rows()), train);
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      // Trains a pilot first.
      Suspects suspects =
          config.trim() > 0 ? plan.suspects(context, flow.network(), train, features()) : null;
      if (suspects != null) {
        Map<String, Double> shifts = FlowModel.shifts(suspects, table.encoder().featureNames());
        facts.put(FlowModel.SUSPECTS, Map.of("share", suspects.share(), "features", shifts));
        listener.suspects(suspects.rows(), suspects.share(), shifts);
      }
      List<EpochStats> history =
          plan.fit(
              context,
              flow.network(),
              train,
              shards.get(Split.TEST),
              suspects,
              listener,
              checkpoints);
      TrainedFlow trained =
          new TrainedFlow(flow, facts, history, Optional.empty(), Optional.empty());
      return calibrated(trained, prior, shards, listener);
    } finally {
      // Waits: Spark's cleaner would ask for the same files when it finds that nobody uses them.
      shards.values().forEach(rows -> rows.unpersist(true));
    }
  }

  /**
   * The rows of each class; one for an unconditional flow, none for one given numbers. Weights are
   * doubles, of which shards have floats.
   */
  private double[] prior(JavaRDD<Shard> train) {
    if (classes() == 0) {
      return settings.context() > 0 ? new double[0] : new double[] {1};
    }
    if (!table.weights().isEmpty()) {
      return Embeddings.classWeights(table.split(Split.TRAIN), classes());
    }
    double[] counts = new double[classes()];
    Shards.rows(train)
        .map(Shards.DealtRow::label)
        .countByValue()
        .forEach((label, count) -> counts[label] = count);
    return counts;
  }

  private RealNVP flow(
      FlowListener listener, RealNVPConfig config, Optimizer optimizer, JavaRDD<Shard> train) {
    double deviation = settings.standardize() ? settings.noise(features(), rows()) : 0;
    listener.fitted(Preset.of(settings.usualFor(rows())), config, deviation, optimizer.l2());
    if (!settings.standardize()) {
      return previous
          .map(flow -> continued(flow, config, null, optimizer))
          .orElseGet(() -> RealNVP.create(config, optimizer));
    }
    Moments moments =
        Embeddings.moments(
            Shards.rows(train),
            Shards.DealtRow::values,
            Shards.DealtRow::weight,
            settings.context());
    List<Integer> constant = FeatureScaling.constant(moments);
    if (!constant.isEmpty()) {
      listener.constantFeatures(constant, features());
    }
    double[] noise = FeatureScaling.noise(moments, deviation);
    return previous
        .map(flow -> continued(flow, config, noise, optimizer))
        .orElseGet(() -> RealNVP.create(config, FeatureScaling.of(moments), noise, optimizer));
  }

  private TableKinds kinds(JavaRDD<Shard> train) {
    return TableKinds.of(
        table.encoder(), Shards.rows(train), rows(train, Split.TRAIN), rows(), settings.context());
  }

  /** A flow of features of several kinds. Tails and levels bear less L2 than plain numbers. */
  private RealNVP mixed(
      FlowListener listener, RealNVPConfig config, Optimizer optimizer, TableKinds found) {
    double deviation = settings.noise(found.coordinates(), rows());
    TableKinds kinds = found.withNoise(deviation);
    Optimizer milder =
        new Optimizer(
            optimizer.learningRate(),
            optimizer.schedule(),
            optimizer.totalSteps(),
            optimizer.warmUpSteps(),
            kinds.plain() ? optimizer.l2() : settings.l2OfKinds(optimizer.l2()));
    listener.fitted(Preset.of(settings.usualFor(rows())), config, deviation, milder.l2());
    listener.kinds(table.encoder().featureNames(), kinds.choices());
    return previous
        .map(flow -> continued(flow, config, null, milder))
        .orElseGet(
            () ->
                RealNVP.create(
                    config,
                    kinds.kinds(),
                    kinds.logFrequencies(),
                    kinds.covariances(),
                    kinds.some(),
                    kinds.numeric(),
                    milder));
  }

  private static RealNVP continued(
      RealNVP previous, RealNVPConfig config, double[] noise, Optimizer optimizer) {
    try {
      return RealNVP.continued(previous, config, noise, optimizer);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "the flow to go on from has another structure than the settings of flow say: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * If the calibration fails, the flow is kept without one. Only a temporary failure is rethrown,
   * because a retry makes both from the last checkpoint.
   */
  private TrainedFlow calibrated(
      TrainedFlow trained,
      double[] prior,
      Map<String, JavaRDD<Shard>> shards,
      FlowListener listener) {
    TrainedFlow calibrated;
    try {
      calibrated = calibrate(trained, prior, shards);
    } catch (Exception e) {
      // Spark throws checked exceptions here without declaring them.
      if (spark.sparkContext().isStopped() || TransientFailures.is(e)) {
        throw e;
      }
      LoggerFactory.getLogger(FlowTraining.class).warn("not calibrated", e);
      listener.notCalibrated(
          ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("unknown"));
      return trained;
    }
    calibrated
        .calibration()
        .ifPresentOrElse(
            listener::calibrated, () -> listener.notCalibrated("no row has a finite density"));
    return calibrated;
  }

  /**
   * Calibrates on the validation rows; if there are none, on the training rows, which look more
   * likely to the flow than others. Only what rows lost is not in the shards. The same rows are
   * what others are compared with.
   */
  private TrainedFlow calibrate(
      TrainedFlow trained, double[] prior, Map<String, JavaRDD<Shard>> shards) {
    String split = validationRows() > 0 ? Split.TEST : Split.TRAIN;
    boolean heldOut = split.equals(Split.TEST) && settings.validation() > 0;
    String name = heldOut ? VALIDATION : split;
    Broadcast<SharedModel> model = SharedModel.broadcast(spark, trained.flow().network());
    int batch = settings.inferenceBatch();
    long count = table.splits().get(split);
    long most = FlowCalibrator.most(Math.max(prior.length, 1));
    Dataset<Row> all =
        table.errors().isEmpty() ? rows(shards.get(split), split) : table.split(split);
    Dataset<Row> rows =
        FlowCalibrator.sample(all, count, most, col("label"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return new TrainedFlow(
          trained.flow(),
          trained.facts(),
          trained.history(),
          new FlowCalibrator(model, batch).calibrate(rows, Math.min(count, most), name, prior),
          Optional.of(
              new FlowComparison(
                      model,
                      prior,
                      Collections.nCopies(table.features(), ""),
                      Collections.nCopies(classes(), ""),
                      batch)
                  .reference(rows, name)));
    } finally {
      rows.unpersist();
    }
  }

  /** Dealt rows with the columns of embeddings/; their ids are not known. */
  private Dataset<Row> rows(JavaRDD<Shard> shards, String split) {
    return spark.createDataFrame(
        Shards.rows(shards).map(row -> RowFactory.create(0L, split, row.label(), row.values())),
        Embeddings.SCHEMA);
  }

  /**
   * The result of a {@link FlowTraining}.
   *
   * @param flow the flow, trained
   * @param facts about it for its manifest; see {@link FlowModel}
   * @param history the figures of each epoch
   * @param calibration the distribution of log p(x) over the validation rows, or else the training
   *     rows; empty if no row has a finite density, or the calibration failed
   * @param reference how the same rows are distributed, for comparisons; empty if that failed
   */
  public record TrainedFlow(
      RealNVP flow,
      Map<String, Object> facts,
      List<EpochStats> history,
      Optional<Calibration> calibration,
      Optional<Reference> reference) {}
}
