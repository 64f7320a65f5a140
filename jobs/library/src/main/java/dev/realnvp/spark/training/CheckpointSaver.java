package dev.realnvp.spark.training;

import dev.realnvp.spark.cluster.BackgroundTask;
import dev.realnvp.spark.failure.TrainingException;

/**
 * Saves checkpoints beside the training, which waits only where the one before is not done yet. A
 * file system that fails does not end the training; the listener hears of it.
 */
final class CheckpointSaver implements AutoCloseable {

  private final Checkpoints checkpoints;
  private final TrainingListener listener;
  private BackgroundTask<Void> writing;
  private int rounds;

  /**
   * @param checkpoints where to; null for nowhere
   */
  CheckpointSaver(Checkpoints checkpoints, TrainingListener listener) {
    this.checkpoints = checkpoints;
    this.listener = listener;
  }

  /** A checkpoint that is saved if it is time again. */
  void roundDone(Checkpoint checkpoint) {
    rounds++;
    if (checkpoints != null && rounds % checkpoints.everyRounds() == 0) {
      save(checkpoint);
    }
  }

  void save(Checkpoint checkpoint) {
    close();
    listener.requireWanted();
    if (checkpoints != null) {
      writing =
          BackgroundTask.start(
              () -> {
                checkpoints.write(checkpoint);
                return null;
              });
    }
  }

  /** Returns when the last checkpoint is saved. */
  @Override
  public void close() {
    if (writing == null) {
      return;
    }
    try {
      writing.get();
    } catch (Exception e) {
      // The method throws what the file system has thrown, without declaring it.
      if (Thread.currentThread().isInterrupted()) {
        throw new TrainingException("Interrupted while a checkpoint was saved");
      }
      listener.checkpointFailed(checkpoints.folder(), String.valueOf(e.getMessage()));
    }
    writing = null;
  }
}
