package dev.realnvp.spark.shards;

import dev.realnvp.spark.failure.Retryable;
import dev.realnvp.spark.failure.Text;
import java.io.File;

/**
 * A worker's rows could not be written to a local disk, or are no longer what was written. Spark
 * tries the task again, where it can on another executor.
 */
final class ShardFileException extends RuntimeException implements Retryable {

  private ShardFileException(String message, Throwable cause) {
    super(Text.line(message), cause);
  }

  /** A file could not be written. */
  static ShardFileException notWritten(int partition, File folder, Exception cause) {
    return new ShardFileException(
        "cannot keep the rows of worker %d in %s (%s): make room there, or name another spark.local.dir"
            .formatted(partition, folder, cause.getMessage()),
        cause);
  }

  /** A file is not what was written. */
  static ShardFileException damaged(File file, String what, Throwable cause) {
    return new ShardFileException(
        "the rows in %s were damaged after they were written (%s): check that disk"
            .formatted(file, what),
        cause);
  }
}
