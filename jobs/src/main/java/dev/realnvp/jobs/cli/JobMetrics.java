package dev.realnvp.jobs.cli;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

  private static final List<String> NAMES =
      List.of(
          "training.loss",
          "training.epoch",
          "training.round_seconds",
          "training.rows_per_second",
          "written.rows",
          "written.rows_per_second",
          "scores.anomalies",
          "scores.anomalies_per_hour");

  private static final double NANOS_PER_HOUR = 3600e9;

  private final MetricRegistry registry = new MetricRegistry();

  private final Map<String, DoubleSupplier> figures = new ConcurrentHashMap<>();

  private JobMetrics() {
    for (String name : NAMES) {
      set(name, Double.NaN);
      registry.register(name, (Gauge<Double>) () -> figures.get(name).getAsDouble());
    }
  }

  private void set(String name, double value) {
    figures.put(name, () -> value);
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
    set("training.loss", loss);
    set("training.epoch", epoch);
    set("training.round_seconds", seconds);
    set("training.rows_per_second", rows / seconds);
  }

  /**
   * Rows of a table are written.
   *
   * @param rows so far
   * @param seconds since the first
   */
  void written(long rows, double seconds) {
    set("written.rows", rows);
    set("written.rows_per_second", rows / seconds);
  }

  /**
   * Rows are being scored from now on.
   *
   * @param anomalies among those scored so far
   */
  public void scores(DoubleSupplier anomalies) {
    long since = System.nanoTime();
    figures.put("scores.anomalies", anomalies);
    figures.put(
        "scores.anomalies_per_hour",
        () -> anomalies.getAsDouble() / (System.nanoTime() - since) * NANOS_PER_HOUR);
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
