package dev.realnvp.jobs.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/**
 * Tells now and then how many tasks of a long Spark stage are done, while a table is read, say. A
 * stage that takes no longer than {@value #QUIET_SECONDS} seconds has no line.
 */
public final class StageProgress extends SparkListener implements AutoCloseable {

  /** A line comes no more often than this. */
  private static final int QUIET_SECONDS = 10;

  private static final double NANOS = 1e9;

  private final SparkSession spark;
  private final String what;
  private final LongSupplier clock;
  private int stage = -1;
  private int tasks;
  private int done;
  private long start;
  private long said;

  StageProgress(SparkSession spark, String what, LongSupplier clock) {
    this.spark = spark;
    this.what = what;
    this.clock = clock;
  }

  /**
   * Starts; {@link #close} ends it.
   *
   * @param what is done, "reading" say
   */
  static StageProgress show(SparkSession spark, String what) {
    StageProgress progress = new StageProgress(spark, what, System::nanoTime);
    spark.sparkContext().addSparkListener(progress);
    return progress;
  }

  /** Shows the stages of some work. */
  public static <T> T during(SparkSession spark, String what, Supplier<T> work) {
    StageProgress progress = show(spark, what);
    try {
      return work.get();
    } finally {
      progress.close();
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    starts(submitted.stageInfo().stageId(), submitted.stageInfo().numTasks());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskInfo().successful()) {
      taskDone(end.stageId()).ifPresent(line -> Console.say("%s", line));
    }
  }

  void starts(int startedStage, int startedTasks) {
    stage = startedStage;
    tasks = startedTasks;
    done = 0;
    start = clock.getAsLong();
    said = start;
  }

  /** What there is to say after a task. */
  Optional<String> taskDone(int ofStage) {
    long now = clock.getAsLong();
    if (ofStage != stage || ++done >= tasks || now - said < QUIET_SECONDS * NANOS) {
      return Optional.empty();
    }
    said = now;
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s: %,d of %,d tasks  left %s",
            what,
            done,
            tasks,
            Console.clock((now - start) / NANOS / done * (tasks - done))));
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(this);
  }
}
