package dev.realnvp.submit;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A job that throws what it is told to, where it is told to. */
@Command(name = "failing", mixinStandardHelpOptions = true)
public final class FailingJob extends Job<Void> {

  @Option(names = "--throw")
  private Class<? extends Throwable> type;

  /** TASK, or THREAD: one of Spark's own, while the driver's main thread waits for a job. */
  @Option(names = "--on")
  private String place;

  public FailingJob() {
    super(List.of(), List.of(), null);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new FailingJob(), args);
  }

  @Override
  protected boolean logsEvents() {
    return false;
  }

  @Override
  protected Void work(SparkSession spark, Config config) {
    Class<? extends Throwable> thrown = type;
    boolean inTask = place.equals("TASK");
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskStart(SparkListenerTaskStart start) {
                if (!inTask) {
                  raise(thrown);
                }
              }
            });
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(0), 1)
        .foreach(
            row -> {
              if (inTask) {
                raise(thrown);
              }
              new CountDownLatch(1).await();
            });
    return null;
  }

  private static void raise(Class<? extends Throwable> type) {
    try {
      ExceptionUtils.rethrow(type.getConstructor(String.class).newInstance("thrown"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
