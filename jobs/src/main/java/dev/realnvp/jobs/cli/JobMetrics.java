package dev.realnvp.jobs.cli;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.function.DoubleSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import scala.collection.Seq;

/**
 * What a job's driver tells Spark's metrics system, which hands it to the sinks of {@code
 * conf/metrics.properties}: numbers, each NaN until there is something to tell.
 */
public final class JobMetrics implements Source {

  /** The source's name, which comes before those of its numbers. */
  static final String NAME = "realnvp";

  private static final double SECONDS_PER_HOUR = 3600;

  private final MetricRegistry registry = new MetricRegistry();

  private volatile double loss = Double.NaN;
  private volatile double epoch = Double.NaN;
  private volatile double roundSeconds = Double.NaN;
  private volatile double trainedPerSecond = Double.NaN;
  private volatile double rows = Double.NaN;
  private volatile double rowsPerSecond = Double.NaN;
  private volatile DoubleSupplier anomalies = () -> Double.NaN;
  private volatile long scoringSince;

  private JobMetrics() {
    gauge("training.loss", () -> loss);
    gauge("training.epoch", () -> epoch);
    gauge("training.round_seconds", () -> roundSeconds);
    gauge("training.rows_per_second", () -> trainedPerSecond);
    gauge("written.rows", () -> rows);
    gauge("written.rows_per_second", () -> rowsPerSecond);
    gauge("scores.anomalies", () -> anomalies.getAsDouble());
    gauge(
        "scores.anomalies_per_hour",
        () -> anomalies.getAsDouble() / seconds(scoringSince) * SECONDS_PER_HOUR);
  }

  private void gauge(String name, DoubleSupplier value) {
    registry.register(name, (Gauge<Double>) value::getAsDouble);
  }

  /** Those of the running Spark application, which all of its jobs share. */
  public static synchronized JobMetrics get() {
    MetricsSystem system = SparkEnv.get().metricsSystem();
    Seq<Source> there = system.getSourcesByName(NAME);
    if (!there.isEmpty()) {
      return (JobMetrics) there.head();
    }
    JobMetrics metrics = new JobMetrics();
    system.registerSource(metrics);
    return metrics;
  }

  /**
   * A round is done.
   *
   * @param epoch counted from 1
   * @param loss the mean per row since the epoch's start, in the loss's unit
   * @param rows that the round trained on
   * @param seconds that it took
   */
  void roundDone(int epoch, double loss, long rows, double seconds) {
    this.epoch = epoch;
    this.loss = loss;
    this.roundSeconds = seconds;
    this.trainedPerSecond = rows / seconds;
  }

  /**
   * Rows of a table are written.
   *
   * @param rows so far
   * @param seconds since the first
   */
  void written(long rows, double seconds) {
    this.rows = rows;
    this.rowsPerSecond = rows / seconds;
  }

  /**
   * Rows are being scored from now on.
   *
   * @param anomalies among those scored so far
   */
  public void scores(DoubleSupplier anomalies) {
    this.scoringSince = System.nanoTime();
    this.anomalies = anomalies;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
