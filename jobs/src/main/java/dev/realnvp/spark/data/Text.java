package dev.realnvp.spark.data;

/** Wording of messages. */
final class Text {
  private Text() {}

  /** {@code 1 row}, {@code 2 rows}. */
  static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }
}
