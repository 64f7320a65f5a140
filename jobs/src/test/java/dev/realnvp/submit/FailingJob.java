package dev.realnvp.submit;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A job that throws what it is told to, where it is told to. */
@Command(name = "failing", mixinStandardHelpOptions = true)
public final class FailingJob extends Job<Void> {

  enum Place {
    TASK,
    /** One of Spark's own, while the driver's main thread waits for a job. */
    THREAD
  }

  @Option(names = "--throw")
  private Class<? extends Throwable> type;

  @Option(names = "--on")
  private Place place;

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
    switch (place) {
      case TASK -> inATask(spark, () -> raise(thrown));
      case THREAD -> {
        spark
            .sparkContext()
            .addSparkListener(
                new SparkListener() {
                  @Override
                  public void onTaskStart(SparkListenerTaskStart start) {
                    raise(thrown);
                  }
                });
        inATask(spark, FailingJob::waitForEver);
      }
    }
    return null;
  }

  private static void inATask(SparkSession spark, Work work) {
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(0), 1)
        .foreach(row -> work.run());
  }

  private static void waitForEver() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void raise(Class<? extends Throwable> type) {
    try {
      FailingJob.<RuntimeException>sneak(type.getConstructor(String.class).newInstance("thrown"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private interface Work extends java.io.Serializable {
    void run() throws Exception;
  }
}
