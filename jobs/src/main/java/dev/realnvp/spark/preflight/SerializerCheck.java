package dev.realnvp.spark.preflight;

import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;

/**
 * Java's serialization: Kryo, without registrators for them, writes neither ND4J's arrays nor the
 * records that tasks are made of.
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
