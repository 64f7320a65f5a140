package dev.realnvp.jobs.cli;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once how a job ends, whichever thread it ends on. Spark's own threads die of an {@link
 * Error} without a word to the thread that waits for them, so such an error ends the JVM.
 */
final class Ending implements Thread.UncaughtExceptionHandler {

  /** The configuration files send this logger to the file alone. */
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  /** Made beforehand, for when there is no memory left to make it. */
  private static final Failure NO_MEMORY =
      new Failure("out of memory on the driver: raise --driver-memory", Main.FAILED);

  private static final byte[] NO_MEMORY_LINE =
      ("error: " + NO_MEMORY.message() + "\n").getBytes(StandardCharsets.UTF_8);

  /** How long the thread whose error ended Spark may take to say so, in seconds. */
  private static final int CAUSE_SECONDS = 5;

  /** Spark's settings, for what there is to say. */
  final SparkConf conf = new SparkConf();

  private final CompletableFuture<Failure> first = new CompletableFuture<>();

  /** Logs what was thrown, and says it unless something was said before; the exit code. */
  int of(Throwable thrown) {
    try {
      Failure failure = Failure.of(thrown, conf);
      if (failure.code() != Main.USAGE) {
        LOG.error("The job failed", thrown);
      }
      if (failure.isEndOfSpark()) {
        awaitCause();
      }
      if (first.complete(failure)) {
        Console.complain("error", failure.message());
      }
    } catch (OutOfMemoryError e) {
      if (first.complete(NO_MEMORY)) {
        System.err.write(NO_MEMORY_LINE, 0, NO_MEMORY_LINE.length);
        System.err.flush();
      }
    }
    return first.join().code();
  }

  /** Spark stops first, in another thread, and only then lets the error end the thread it is in. */
  private void awaitCause() {
    try {
      first.get(CAUSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.info("No other thread said why Spark ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable thrown) {
    if (thrown instanceof Error) {
      int code = of(thrown);
      try {
        // Not here: what is done at the exit waits for Spark's threads, one of which this is.
        new Thread(() -> System.exit(code)).start();
      } catch (OutOfMemoryError e) {
        Runtime.getRuntime().halt(code);
      }
    } else {
      LOG.error("Uncaught in {}", thread.getName(), thrown);
    }
  }
}
