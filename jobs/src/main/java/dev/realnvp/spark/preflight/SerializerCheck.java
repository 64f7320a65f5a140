package dev.realnvp.spark.preflight;

import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;

/**
 * Checks that Java's serialization is used: without registrators Kryo can write neither ND4J's
 * arrays nor the records in tasks.
 */
final class SerializerCheck {

  private static final String KEY = "spark.serializer";
  private static final String EXPECTED = JavaSerializer.class.getName();

  private SerializerCheck() {}

  static Finding of(SparkConf conf) {
    String got = conf.get(KEY, EXPECTED);
    return got.equals(EXPECTED)
        ? Finding.ok("serializer", got)
        : Finding.error(
            "serializer", KEY + " is " + got + ": only " + EXPECTED + " works, set it to that");
  }
}
