package dev.realnvp.spark.failure;

import org.apache.commons.lang3.StringUtils;

/** Wording of messages. */
public final class Text {
  /** Enough for a path and a reason; a file's content can have any length. */
  private static final int MOST_CHARACTERS = 2000;

  private Text() {}

  /** A message as one line of bounded length, without control characters from quoted text. */
  public static String line(String message) {
    return StringUtils.abbreviate(message.replaceAll("\\p{Cntrl}+", " "), MOST_CHARACTERS);
  }

  /** {@code 1 row}, {@code 2 rows}. */
  public static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }

  /** The first line with text of a message, which may be null. */
  public static String firstLine(String message) {
    return String.valueOf(message).lines().filter(line -> !line.isBlank()).findFirst().orElse("");
  }
}
