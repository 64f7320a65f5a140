package dev.realnvp;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassMixture.Scores;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.FlowFacts;
import dev.realnvp.stored.StoredFolder;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A trained flow that scores rows in any Java program, without Spark.
 *
 * <pre>{@code
 * RealNVPFlow flow = RealNVPFlow.load(Path.of("runs/default/flow"));
 * ClassMixture.Scores scores = flow.score(rows);          // [N][D]
 * double[] logProb = scores.marginal();                  // log p(x), in nats
 * double[] strangeness = flow.anomalyScores(scores);
 * }</pre>
 *
 * <p>Safe for any number of threads at once. The figures of a row are the same bits whatever rows
 * come with it, and whatever other threads do, and those of a job with the same kernels.
 *
 * <p>Rows have the D features in the order of the training; {@link #encode} makes them of a table's
 * columns. Means stand for what is missing, NaN or infinite, if they did in the training. A row
 * without a finite density, as one with NaN otherwise, has log p(x) of NaN or minus infinity.
 */
public final class RealNVPFlow {

  private final StoredModel model;
  private final RealNVP flow;
  private final double[] prior;
  private final List<String> classNames;
  private final FeatureColumns columns;

  /** Those that no thread is using. */
  private final Queue<ClassMixture> idle = new ConcurrentLinkedQueue<>();

  private RealNVPFlow(StoredModel model) {
    this.model = model;
    FlowFacts facts = new FlowFacts(model.manifest());
    flow = RealNVP.of(model.network());
    prior = facts.prior(flow.context());
    classNames = facts.classNames();
    columns = facts.features().orElse(FeatureColumns.NONE);
    for (int size : new int[] {columns.means().size(), columns.featureNames().size()}) {
      if (size != 0 && size != flow.features()) {
        throw new IllegalArgumentException(
            "the manifest of flow %s tells of %d features, expected %d"
                .formatted(model.manifest().id(), size, flow.features()));
      }
    }
    idle.add(ClassMixture.batchInvariant(flow, prior, model.temperature()));
  }

  /**
   * Reads a flow that {@code train-flow}, or Spark ML's {@code RealNVP}, has stored.
   *
   * @param folder with {@code model.zip} and {@code manifest.json}
   * @throws IllegalArgumentException in one line, if it does not exist, is incomplete, or is no
   *     flow
   * @throws IOException in one line, if a file cannot be read
   */
  public static RealNVPFlow load(Path folder) throws IOException {
    return load(StoredFolder.of(folder));
  }

  /** The same from another file system. */
  public static RealNVPFlow load(StoredFolder folder) throws IOException {
    return new RealNVPFlow(StoredModel.read(folder, FlowFacts.KIND));
  }

  /** D, the number of features. */
  public int features() {
    return flow.features();
  }

  /**
   * What each feature is called, "age" or "kind=cat"; empty if they came from a column of vectors.
   */
  public List<String> featureNames() {
    return columns.featureNames();
  }

  /**
   * The features of a row of the table that the flow was trained on, if they came from many
   * columns.
   *
   * @param row a number, boolean or string by each column's name, null for a missing value
   * @return {@code [D]}, NaN where a value is missing
   * @throws IllegalArgumentException if a column is not there, or of another type; or if the
   *     features came from a column of vectors
   */
  public float[] encode(Map<String, ?> row) {
    if (columns.columns().isEmpty()) {
      throw new IllegalArgumentException(
          "got a row of columns, expected one of the %d features".formatted(features()));
    }
    return columns.encode(row);
  }

  /** K, the number of classes that the density is conditioned on; 0 for none. */
  public int classes() {
    return prior.length == 0 ? 0 : flow.context();
  }

  /** The names of the classes, from class 0 on; empty if they are numbers. */
  public List<String> classNames() {
    return classNames;
  }

  /** C, how many numbers the density is conditioned on; 0 for none, or a class. */
  public int contextSize() {
    return prior.length == 0 ? flow.context() : 0;
  }

  /** Where the model comes from: settings, seed, versions, history. */
  public Manifest manifest() {
    return model.manifest();
  }

  /** How its scores are distributed over held-out rows; empty if that is not known. */
  public Optional<Calibration> calibration() {
    return model.calibration();
  }

  /**
   * log p(x), the class summed out.
   *
   * @param x {@code [N][D]}
   * @return in nats, {@code [N]}
   * @throws IllegalArgumentException if a row has another number of values, or the flow is
   *     conditioned on numbers
   */
  public double[] logProb(float[][] x) {
    return score(x).marginal();
  }

  /**
   * log p(x | context), of a flow that is conditioned on numbers.
   *
   * @param x {@code [N][D]}
   * @param context {@code [N][C]}
   * @return in nats, {@code [N]}
   * @throws IllegalArgumentException if a row has another number of values
   */
  public double[] logProb(float[][] x, float[][] context) {
    return score(x, context).marginal();
  }

  /**
   * The densities of rows under each class, and the posteriors of the classes.
   *
   * @param x {@code [N][D]}
   * @throws IllegalArgumentException as {@link #logProb(float[][])}
   */
  public Scores score(float[][] x) {
    if (contextSize() > 0) {
      throw new IllegalArgumentException(
          "context: got none, expected the %d numbers per row that the flow is conditioned on"
              .formatted(contextSize()));
    }
    return scored(x, new float[x.length][0]);
  }

  /** The same given numbers; there is one class then. */
  public Scores score(float[][] x, float[][] context) {
    if (context.length != x.length) {
      throw new IllegalArgumentException(
          "context: got %d rows, expected %d".formatted(context.length, x.length));
    }
    return scored(x, context);
  }

  private Scores scored(float[][] x, float[][] context) {
    ClassMixture mixture = idle.poll();
    if (mixture == null) {
      mixture = ClassMixture.batchInvariant(flow, prior, model.temperature());
    }
    try {
      int count = x.length;
      Scores all =
          new Scores(
              new double[count][],
              new double[count],
              new double[count][],
              new double[count],
              new double[count]);
      for (int from = 0; from < x.length; from += mixture.block()) {
        int rows = Math.min(mixture.block(), x.length - from);
        Context numbers =
            new Context.Values(rows("context", context, from, rows, contextSize()), contextSize());
        float[] features = rows("x", x, from, rows, features());
        columns.impute(features);
        Scores some = mixture.score(features, numbers, rows);
        System.arraycopy(some.conditional(), 0, all.conditional(), from, rows);
        System.arraycopy(some.marginal(), 0, all.marginal(), from, rows);
        System.arraycopy(some.posterior(), 0, all.posterior(), from, rows);
        System.arraycopy(some.logProbZ(), 0, all.logProbZ(), from, rows);
        System.arraycopy(some.distance(), 0, all.distance(), from, rows);
      }
      return all;
    } finally {
      idle.add(mixture);
    }
  }

  private static float[] rows(String name, float[][] values, int from, int count, int width) {
    float[] rows = new float[count * width];
    for (int i = 0; i < count; i++) {
      float[] row = values[from + i];
      if (row == null || row.length != width) {
        throw new IllegalArgumentException(
            "%s: row %d has %s values, expected %d"
                .formatted(name, from + i, row == null ? "no" : row.length, width));
      }
      System.arraycopy(row, 0, rows, i * width, width);
    }
    return rows;
  }

  /**
   * How strange rows are by their densities and distances, in deviations from the held-out rows'
   * medians: the column {@code anomaly_score} of {@code score.sh} for rows of which no
   * reconstruction error is known.
   *
   * @param scores of N rows
   * @return {@code [N]}; NaN for a row without a finite density
   * @throws IllegalStateException if the flow has no calibration
   */
  public double[] anomalyScores(Scores scores) {
    Calibration calibrated = calibrated();
    double[] strangeness = new double[scores.marginal().length];
    Arrays.setAll(
        strangeness,
        i ->
            scores.isFinite(i)
                ? calibrated.score(scores.marginal()[i], scores.logProbZ()[i], scores.distance()[i])
                : Double.NaN);
    return strangeness;
  }

  /**
   * Tells which of these scores are anomalies. NaN is.
   *
   * @param falseAlarmRate the share of normal rows that may be marked as anomalies, above 0 and
   *     below 1
   * @throws IllegalStateException if the flow has no calibration
   */
  public AnomalyDetector detector(double falseAlarmRate) {
    return calibrated().detector(List.of(), falseAlarmRate);
  }

  private Calibration calibrated() {
    return calibration()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "flow %s has no calibration that tells anomalies".formatted(manifest().id())));
  }
}
