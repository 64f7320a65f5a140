package dev.realnvp.spark.data;

import org.apache.spark.sql.SparkSession;

/** One {@code local[2]} session for all tests of the package. */
final class SparkSessions {
  private SparkSessions() {}

  static synchronized SparkSession local() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("data tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate();
  }
}
