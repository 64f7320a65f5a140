package dev.realnvp.jobs.cli;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import org.apache.commons.io.function.IORunnable;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/**
 * Shows how many rows of a table are written: a bar on a terminal, lines now and then otherwise,
 * and a line with the rows a second at the end. It moves when a task ends.
 */
public final class RowProgress extends SparkListener implements AutoCloseable {

  /** Without a terminal, a line comes no more often than this. */
  private static final double QUIET_SECONDS = 10;

  private final SparkSession spark;
  private final long rows;
  private final AtomicLong written = new AtomicLong();
  private final long start = System.nanoTime();
  private final ProgressBar bar;
  private final JobMetrics metrics = JobMetrics.get();
  private volatile double said;

  private RowProgress(SparkSession spark, long rows) {
    this.spark = spark;
    this.rows = rows;
    this.bar = Console.interactive() ? Console.bar("rows", rows) : null;
  }

  public static void during(SparkSession spark, long rows, IORunnable writing) throws IOException {
    try (RowProgress progress = new RowProgress(spark, rows)) {
      spark.sparkContext().addSparkListener(progress);
      writing.run();
      progress.done();
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() == null) {
      return;
    }
    long done = written.addAndGet(end.taskMetrics().outputMetrics().recordsWritten());
    metrics.written(done, seconds());
    if (bar != null) {
      bar.stepTo(done);
    } else if (seconds() - said > QUIET_SECONDS) {
      said = seconds();
      Console.say(
          "%,d of %,d rows  %,.0f rows/s  left %s",
          done, rows, done / said, Console.clock(said / done * Math.max(rows - done, 0)));
    }
  }

  private void done() {
    metrics.written(rows, seconds());
    Console.say("%,d rows in %.1f s, %,.0f rows/s", rows, seconds(), rows / seconds());
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(this);
    if (bar != null) {
      bar.close();
    }
  }
}
