package dev.realnvp.jobs;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work whose Spark jobs are of few tasks, so that other cores have other work meanwhile.
 *
 * @param <T> its result
 */
final class Meanwhile<T> {

  private final FutureTask<T> work;

  private Meanwhile(Inputs.Reading<T> work) {
    this.work = new FutureTask<>(work::read);
  }

  /** Starts it. Nothing waits for it but {@link #get}. */
  static <T> Meanwhile<T> start(Inputs.Reading<T> work) {
    Meanwhile<T> started = new Meanwhile<>(work);
    Thread thread = new Thread(started.work, "meanwhile");
    thread.setDaemon(true);
    thread.start();
    return started;
  }

  /** Its result, or what it threw. */
  T get() throws IOException {
    try {
      return work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
