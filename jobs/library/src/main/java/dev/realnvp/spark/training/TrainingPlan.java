package dev.realnvp.spark.training;

import com.typesafe.config.Config;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.cluster.Workers;
import dev.realnvp.spark.training.rows.Minibatches;
import dev.realnvp.spark.training.rows.Shard;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A training from its settings to its last epoch: the optimizer that fits the number of rows, the
 * shards that are kept meanwhile, the validation.
 *
 * @param settings how to train
 * @param usual what {@link #forRows} takes where the settings leave it open
 * @param learningRate Adam's step size, at the first step or after the warm-up
 * @param scaled whether {@link #forRows} fits minibatches and learning rate to the number of
 *     workers
 * @param schedule how the learning rate moves
 * @param warmUpShare the share of all steps in which it comes up from 0, at least 0 and below 1
 * @param l2 the factor of the parameter in its gradient; 0 for none; empty for the usual one
 * @param budget how many rows all epochs together visit at most; infinite for no limit
 * @param workers how many train side by side, at least 1; see {@link Workers#of}
 * @param leastRows of a worker: a table with fewer for each has fewer workers; 0 for any number
 * @param smallestBatch down to how many rows more workers make the minibatches of each smaller, at
 *     least 1
 * @param shuffleMegabytes the window in which a worker's rows are shuffled, at least 1
 */
public record TrainingPlan(
    TrainingSettings settings,
    Usual usual,
    double learningRate,
    boolean scaled,
    Schedule schedule,
    double warmUpShare,
    OptionalDouble l2,
    double budget,
    int workers,
    long leastRows,
    int smallestBatch,
    int shuffleMegabytes) {

  /**
   * What a model's trainings have where the settings leave it open.
   *
   * @param epochs of a table whose size asks for no others
   * @param rows at least so many in all epochs together: small tables are passed over more often
   * @param budget at most so many in all epochs together: a large table is passed over less often
   * @param fewestEpochs of a table of any size: of one with more rows than that allows, a sample is
   *     trained on
   * @param l2 with {@value #TABLE} rows or more. The loss is a mean over the rows, so a prior on
   *     the weights counts the more, the fewer there are
   * @param mostTimes up to how many times as much; 1 for an autoencoder, whose reconstructions of
   *     few images get worse by it (docs/decisions.md)
   */
  public record Usual(
      int epochs, long rows, double budget, int fewestEpochs, double l2, double mostTimes) {}

  /** Rows of a table that is large enough for the usual L2 and structure: MNIST's. */
  public static final long TABLE = 60_000;

  /** By whose section of the settings it is. */
  private static final Map<String, Usual> USUAL =
      Map.of(
          "autoencoder", new Usual(10, 10 * TABLE, Double.POSITIVE_INFINITY, 10, 1e-5, 1),
          "classifier", new Usual(4, 4 * TABLE, Double.POSITIVE_INFINITY, 4, 2e-4, 10),
          "flow", new Usual(20, 20_000, 2.4e6, 6, 1e-3, 100));

  /** An epoch of fewer takes a worker less time than its rounds of averaging take. */
  private static final long ROWS_OF_A_WORKER = 1_000;

  /** Of a tiny table: the jobs of an epoch take longer than its steps. */
  private static final int MOST_EPOCHS = 500;

  /** No learning rate is raised above this one: longer steps were hardly tried. */
  private static final double HIGHEST_RAISED = 0.05;

  /** The least warm-up of a learning rate that was raised. */
  private static final double RAISED_WARM_UP = 0.1;

  /**
   * The plan that checked settings describe.
   *
   * @param config with the section {@code train} and the one that is called as {@code model}
   * @param model autoencoder, classifier or flow, whose sections all have the keys that are read
   *     here
   */
  public static TrainingPlan of(Config config, String model, JavaSparkContext spark) {
    Config section = config.getConfig(model);
    Usual usual = USUAL.get(model);
    int workers = config.getInt("train.workers");
    TrainingSettings settings =
        new TrainingSettings(
            section.getInt("epochs"),
            section.getInt("batch"),
            section.getInt("averaging-interval"),
            config.getLong("seed"),
            Master.valueOf(config.getString("train.training-master").toUpperCase(Locale.ROOT)),
            config.getString("train.on-nan").equalsIgnoreCase("rewind")
                ? config.getInt("train.max-rewinds")
                : 0,
            section.getDouble("max-gradient-norm"),
            section.getInt("patience"));
    return new TrainingPlan(
        settings,
        usual,
        section.getDouble("learning-rate"),
        config.getBoolean("train.scale-learning-rate"),
        Schedule.valueOf(section.getString("schedule").toUpperCase(Locale.ROOT)),
        section.getDouble("warm-up-share"),
        chosen(section, "l2").stream().mapToDouble(Double::parseDouble).findFirst(),
        section.hasPath("budget") ? budget(section, usual) : usual.budget(),
        Workers.of(workers, spark),
        workers > 0 ? 0 : ROWS_OF_A_WORKER,
        section.getInt("smallest-batch"),
        config.getInt("train.shuffle-megabytes"));
  }

  /** Epochs that are set are of all rows, unless a budget is set, too. */
  private static double budget(Config section, Usual usual) {
    boolean all = section.getInt("epochs") > 0;
    double set = chosen(section, "budget").map(Double::valueOf).orElse(all ? 0 : usual.budget());
    return set == 0 ? Double.POSITIVE_INFINITY : set;
  }

  /** A setting's text; empty if it is {@code auto}, so that the table decides. */
  public static Optional<String> chosen(Config section, String name) {
    return Optional.of(section.getString(name)).filter(text -> !text.equalsIgnoreCase("auto"));
  }

  /** The epochs of a table of {@value #TABLE} rows, by the settings of a model. */
  public static int tableEpochs(Config section, String model) {
    int set = section.getInt("epochs");
    return set > 0 ? set : USUAL.get(model).epochs();
  }

  /**
   * The plan for a table of so many rows: with the workers, the epochs, the L2 and the averaging
   * interval that fit them, and the minibatches and the learning rate that fit the number of
   * workers.
   *
   * <p>In an epoch W workers with one worker's minibatches take 1 / W of its steps. So each takes
   * minibatches of 1 / W of the rows: all together they see as many per step as one worker.
   * Products of few rows are slow, so that ends at {@code smallestBatch}. With more workers a step
   * of all of them has F times the rows of one worker's, and to get as far it is F times as long
   * (Goyal et al. 2017, Accurate, Large Minibatch SGD, section 2.1). The mean over the workers
   * takes out the noise of the longer steps, and each worker's second moments in Adam are those of
   * its small minibatches, so they do not shrink the steps as those of an F times larger minibatch
   * would. Steps that long want a warm-up (section 2.2), and an averaging before the workers come
   * far apart; see {@link TrainingSettings#sized}. docs/benchmarks.md has the measurements.
   *
   * @param rows of the table
   * @param like of the table whose usual epochs and L2 it has
   * @param before the workers of the training that goes on, {@link Checkpoints#workers}. If the
   *     settings leave their number open, it stays, whatever cores there are now, since the rows
   *     are dealt as they were; more workers than cores take turns
   */
  public TrainingPlan forRows(long rows, long like, OptionalInt before) {
    int fitting = (int) Math.max(1, Math.min(workers, rows / Math.max(leastRows, 1)));
    int busy = leastRows == 0 ? workers : before.orElse(fitting);
    int set = settings.batchSize();
    int batch = scaled ? Math.min(set, Math.max(smallestBatch, (set + busy - 1) / busy)) : set;
    double times = scaled ? Math.max(1, (double) busy * batch / set) : 1;
    boolean raise = times > 1;
    int steps = Minibatches.stepsPerEpoch(mostOf(rows, busy), batch);
    return new TrainingPlan(
        settings.sized(epochs(rows, like), batch, steps, busy),
        usual,
        raise
            ? Math.max(learningRate, Math.min(learningRate * times, HIGHEST_RAISED))
            : learningRate,
        false,
        schedule,
        raise ? Math.max(warmUpShare, RAISED_WARM_UP) : warmUpShare,
        OptionalDouble.of(l2.orElse(usual.l2() * Math.min(TABLE / few(like), usual.mostTimes()))),
        budget,
        busy,
        leastRows,
        smallestBatch,
        shuffleMegabytes);
  }

  private int epochs(long rows, long like) {
    if (settings.epochs() > 0) {
      return settings.epochs();
    }
    long least = Math.round(usual.rows() / few(like));
    double most = Math.min(MOST_EPOCHS, Math.floor(budget / Math.max(rows, 1)));
    return (int) Math.max(usual.fewestEpochs(), Math.min(most, Math.max(usual.epochs(), least)));
  }

  /**
   * How many rows of a table are trained on, so that all epochs together keep to the budget: all,
   * or fewer.
   *
   * @param rows of the table
   * @param like of the table whose usual epochs it has
   */
  public long mostRows(long rows, long like) {
    double most = Math.max(1, Math.rint(budget / epochs(rows, like)));
    return (long) Math.min(rows, most);
  }

  /** The rows, as far as they are not more than enough. */
  private static double few(long rows) {
    return Math.max(1, Math.min(rows, TABLE));
  }

  /**
   * The optimizer of so many rows, of a plan {@link #forRows}, whose schedule ends with the last
   * step of a worker.
   */
  public Optimizer optimizer(long rows) {
    long steps =
        Minibatches.totalSteps(mostOf(rows, workers), settings.batchSize(), settings.epochs());
    return new Optimizer(
        learningRate,
        schedule,
        Math.max(steps, 1),
        Math.round(warmUpShare * steps),
        l2.orElseThrow());
  }

  /**
   * The rows that a trimmed loss may leave out.
   *
   * @param train persisted
   * @param features D
   * @return null if there are none
   */
  public Suspects suspects(
      JavaSparkContext spark, MultiLayerNetwork network, JavaRDD<Shard> train, int features) {
    return settings.master() == Master.AVERAGING
        ? Suspects.find(spark, network, settings, train, features)
        : null;
  }

  /** The size of the largest shard, whose steps are those of all. */
  private static long[] mostOf(long rows, int workers) {
    return new long[] {(rows + workers - 1) / workers};
  }

  /**
   * Trains a network in place; see {@link DistributedTrainer#fit}. Shards that are not persisted
   * are so for the time of the call.
   *
   * @param network made with {@link #optimizer}
   * @param train the rows to train on, a partition a worker
   * @param test the rows to validate on, spread likewise; null for none
   * @param suspects the rows that the loss may leave out; null for none
   * @param checkpoints to go on from and to keep; null for none
   * @return the figures of each epoch
   */
  public List<EpochStats> fit(
      JavaSparkContext spark,
      MultiLayerNetwork network,
      JavaRDD<Shard> train,
      JavaRDD<Shard> test,
      Suspects suspects,
      TrainingListener listener,
      Checkpoints checkpoints) {
    listener.starts(network.numParams(), this);
    List<JavaRDD<Shard>> kept =
        Stream.of(train, test)
            .filter(rows -> rows != null && rows.getStorageLevel().equals(StorageLevel.NONE()))
            .toList();
    kept.forEach(rows -> rows.persist(StorageLevel.MEMORY_AND_DISK()));
    try {
      Validation validation = test == null ? null : Validation.on(test, settings.batchSize());
      return new DistributedTrainer(spark, settings, listener)
          .fit(network, train, suspects, validation, checkpoints);
    } finally {
      // Waits: Spark's cleaner would ask for the same files when it finds that nobody uses the RDD
      // any more.
      kept.forEach(rows -> rows.unpersist(true));
    }
  }
}
