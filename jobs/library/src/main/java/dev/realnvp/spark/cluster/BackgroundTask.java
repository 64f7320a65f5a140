package dev.realnvp.spark.cluster;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * Work whose Spark jobs are of few tasks, so that other cores have other work meanwhile.
 *
 * @param <T> its result
 */
public final class BackgroundTask<T> {

  private final FutureTask<T> work;

  private BackgroundTask(Callable<T> work) {
    this.work = new FutureTask<>(work);
  }

  /** Starts it, with the thread's settings of Spark. Nothing waits for it but {@link #get}. */
  public static <T> BackgroundTask<T> start(Callable<T> work) {
    BackgroundTask<T> started = new BackgroundTask<>(work);
    Thread thread = new Thread(started.work, "meanwhile");
    thread.setDaemon(true);
    thread.start();
    return started;
  }

  /** Its result, or what it threw: any exception, as from Spark's own methods. */
  public T get() {
    try {
      return work.get();
    } catch (ExecutionException e) {
      return ExceptionUtils.rethrow(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
