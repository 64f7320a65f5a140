package dev.realnvp.spark.failure;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.ipc.RetriableException;

/** Recognizes temporary failures: something is full, does not answer, or was lost. */
public final class TransientFailures {

  private static final List<Class<?>> CLASSES =
      List.of(
          ConnectException.class,
          NoRouteToHostException.class,
          SocketTimeoutException.class,
          RetriableException.class,
          QuotaExceededException.class);

  /** The same by words, because the operating system and HDFS have no classes for it. */
  private static final Pattern WORDS =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|There is not enough space on the disk"
              + "|No space available in any of the local directories"
              + "|ExecutorLostFailure|could only be written to \\d+ of the|Name node is in safe mode|StandbyException");

  private TransientFailures() {}

  /** Whether a failure, or one of its causes, is temporary. */
  public static boolean is(Throwable failure) {
    return ExceptionUtils.getThrowableList(failure).stream()
        .anyMatch(
            link ->
                link instanceof Retryable retryable && retryable.isRetryable()
                    || CLASSES.stream().anyMatch(type -> type.isInstance(link))
                    || WORDS.matcher(String.valueOf(link.getMessage())).find());
  }
}
