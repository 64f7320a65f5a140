package dev.realnvp.spark.flow;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.Moments;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.FeatureMoments;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.Shards;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.failure.Passing;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.Calibration;
import dev.realnvp.spark.training.Checkpoints;
import dev.realnvp.spark.training.EpochStats;
import dev.realnvp.spark.training.Shard;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.LoggerFactory;

/** Trains a flow on the train split of a table, and calibrates it. */
public final class FlowTraining {

  /** What the calibration calls the rows that were held out of the train split. */
  private static final String VALIDATION = "validation";

  private final SparkSession spark;
  private final EmbeddingTable table;
  private final FlowSettings settings;

  private FlowTraining(SparkSession spark, EmbeddingTable table, FlowSettings settings) {
    this.spark = spark;
    this.table = table;
    this.settings = settings;
  }

  /**
   * A training on a table, some of whose train rows are held out where the settings say so.
   *
   * @throws InvalidInputException if there is no row to train on, or but one feature
   */
  public static FlowTraining of(SparkSession spark, EmbeddingTable whole, FlowSettings settings) {
    double share = settings.validation();
    EmbeddingTable table = share == 0 ? whole : whole.holdOut(share);
    if (table.splits().get(Split.TRAIN) == 0) {
      throw new InvalidInputException(table.name() + " has no rows of split 'train'");
    }
    int features = table.features() - settings.context();
    if (features < 2) {
      throw new InvalidInputException(
          "rows of %s have %d feature; a flow takes at least 2".formatted(table.name(), features));
    }
    return new FlowTraining(spark, table, settings);
  }

  /** How many rows it trains on. */
  public long rows() {
    return table.splits().get(Split.TRAIN);
  }

  /** How many rows it validates on. */
  public long validationRows() {
    return table.splits().get(Split.TEST);
  }

  /** K, the classes that the flow is conditioned on; 0 for none. */
  public int classes() {
    return settings.structure().conditional() && settings.context() == 0 ? table.classes() : 0;
  }

  /** D. */
  private int features() {
    return table.features() - settings.context();
  }

  /**
   * Does it.
   *
   * @param checkpoints to go on from and to keep; null for none
   * @throws IllegalArgumentException if it may stop early, and there are no rows to validate on
   */
  public TrainedFlow run(FlowListener listener, Checkpoints checkpoints) {
    double[] prior = prior();
    RealNVP flow = flow(listener, settings.plan().optimizer(rows()));
    List<EpochStats> history =
        settings
            .plan()
            .fit(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                flow.network(),
                shards(Split.TRAIN),
                validationRows() == 0 ? null : shards(Split.TEST),
                listener,
                checkpoints);
    Map<String, Object> facts =
        FlowModel.facts(
            table, features(), settings.context(), classes(), prior, settings.plan().workers());
    return new TrainedFlow(flow, facts, history, calibration(flow, prior, listener));
  }

  /** The rows of each class; one for an unconditional flow, none for one given numbers. */
  private double[] prior() {
    if (classes() > 0) {
      return Embeddings.classCounts(table.split(Split.TRAIN), classes());
    }
    return settings.context() > 0 ? new double[0] : new double[] {1};
  }

  private RealNVP flow(FlowListener listener, Optimizer optimizer) {
    RealNVPConfig config =
        settings
            .structure()
            .of(features(), settings.context() + classes(), settings.plan().settings().seed());
    if (!settings.structure().standardize()) {
      return RealNVP.create(config, optimizer);
    }
    Moments moments = FeatureMoments.of(table.split(Split.TRAIN), features());
    List<Integer> constant = FeatureScaling.constant(moments);
    if (!constant.isEmpty()) {
      listener.constantFeatures(constant, features());
    }
    return RealNVP.create(config, FeatureScaling.of(moments), optimizer);
  }

  private JavaRDD<Shard> shards(String split) {
    return Shards.embeddings(
        table.split(split), features(), settings.context(), classes(), settings.plan().workers());
  }

  /**
   * What a flow says of rows is no reason to lose it: if the calibration fails, the flow goes
   * without. Only a failure that may pass goes on, since another run makes both from the last
   * checkpoint.
   */
  private Optional<Calibration> calibration(RealNVP flow, double[] prior, FlowListener listener) {
    Optional<Calibration> calibration;
    try {
      calibration = calibrate(flow, prior);
    } catch (Exception e) {
      // Spark throws checked exceptions here without declaring them.
      if (spark.sparkContext().isStopped() || Passing.is(e)) {
        throw e;
      }
      LoggerFactory.getLogger(FlowTraining.class).warn("not calibrated", e);
      listener.notCalibrated(
          ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("unknown"));
      return Optional.empty();
    }
    calibration.ifPresentOrElse(
        listener::calibrated, () -> listener.notCalibrated("no row has a finite density"));
    return calibration;
  }

  /**
   * On the rows that the training was validated on; where there are none, on those that it was
   * trained on, which look likelier to the flow than others.
   */
  private Optional<Calibration> calibrate(RealNVP flow, double[] prior) {
    String split = validationRows() > 0 ? Split.TEST : Split.TRAIN;
    boolean heldOut = split.equals(Split.TEST) && settings.validation() > 0;
    FlowCalibrator calibrator =
        new FlowCalibrator(SharedModel.broadcast(spark, flow.network()), settings.inferenceBatch());
    return calibrator.calibrate(
        table.split(split), table.splits().get(split), heldOut ? VALIDATION : split, prior);
  }
}
