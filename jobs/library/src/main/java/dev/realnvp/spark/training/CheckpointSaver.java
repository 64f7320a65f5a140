package dev.realnvp.spark.training;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Saves checkpoints beside the training, which waits only where the one before is not done yet. A
 * file system that fails does not end the training; the listener hears of it.
 */
final class CheckpointSaver implements AutoCloseable {

  private final Checkpoints checkpoints;
  private final TrainingListener listener;
  private final ExecutorService writer = Executors.newSingleThreadExecutor(CheckpointSaver::daemon);
  private Future<Void> writing;
  private int rounds;

  /**
   * @param checkpoints where to; null for nowhere
   */
  CheckpointSaver(Checkpoints checkpoints, TrainingListener listener) {
    this.checkpoints = checkpoints;
    this.listener = listener;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "checkpoint-saver");
    thread.setDaemon(true);
    return thread;
  }

  /** A checkpoint that is saved if it is time again. */
  void roundDone(Checkpoint checkpoint) {
    rounds++;
    if (checkpoints != null && rounds % checkpoints.everyRounds() == 0) {
      save(checkpoint);
    }
  }

  /** A checkpoint that is to be saved. */
  void save(Checkpoint checkpoint) {
    await();
    listener.requireWanted();
    if (checkpoints != null) {
      Callable<Void> write =
          () -> {
            checkpoints.write(checkpoint);
            return null;
          };
      writing = writer.submit(write);
    }
  }

  private void await() {
    if (writing == null) {
      return;
    }
    try {
      writing.get();
    } catch (ExecutionException e) {
      listener.checkpointFailed(checkpoints.folder(), String.valueOf(e.getCause().getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("Interrupted while a checkpoint was saved");
    }
    writing = null;
  }

  /** Returns when the last checkpoint is saved. */
  @Override
  public void close() {
    try {
      await();
    } finally {
      writer.shutdown();
    }
  }
}
