package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;

/** Converts the exceptions of Spark and Parquet for unreadable files to one line for a user. */
final class ParquetFailure {
  private static final Pattern FILE = Pattern.compile("[^/\\s]+\\.parquet(?!\\.?\\w)");

  private ParquetFailure() {}

  /**
   * The error for a table; it names the damaged file if the messages name one.
   *
   * @param name of the table, in messages
   */
  static InvalidInputException of(String name, Exception e) {
    return ExceptionUtils.getThrowableList(e).stream()
        .map(link -> FILE.matcher(String.valueOf(link.getMessage())))
        .flatMap(Matcher::results)
        .map(MatchResult::group)
        .findFirst()
        .map(file -> of(name, file, e))
        .orElseGet(
            () ->
                new InvalidInputException("Cannot read " + name + " as Parquet: " + reason(e), e));
  }

  /** The error for a file of a table. */
  static InvalidInputException of(String name, String file, Exception e) {
    return new InvalidInputException(
        "Cannot read %s as Parquet: %s in it: %s".formatted(name, file, reason(e)), e);
  }

  private static String reason(Exception e) {
    List<Throwable> chain = ExceptionUtils.getThrowableList(e);
    Throwable root = chain.get(chain.size() - 1);
    // Footers are written in Thrift, whose parser reports sockets, types and fields of its own.
    if (root.getClass().getName().contains(".thrift.")) {
      return "the description of its data is damaged";
    }
    // Java's own messages for null and wrong indices mean nothing to a user.
    return root.getMessage() == null
            || root instanceof NullPointerException
            || root instanceof IndexOutOfBoundsException
        ? "it is damaged"
        : root.getMessage().lines().findFirst().orElse("");
  }
}
