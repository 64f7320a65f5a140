package dev.realnvp.spark.preflight;

import java.util.ArrayList;
import java.util.List;

/** Checks that Java, Spark and Scala have versions that work together. */
final class SoftwareCheck {

  private static final int OLDEST_JAVA = 17;

  /** Java 24 removed the security manager; without it Hadoop 3.3 finds no user. */
  private static final int NEWEST_JAVA = 23;

  /** DL4J's Spark module supports no newer versions. */
  private static final String SPARK = "3.5";

  private static final String SCALA = "2.12";

  private SoftwareCheck() {}

  static Verdict of(Software software) {
    String got =
        "Java %d, Spark %s, Scala %s"
            .formatted(software.java(), software.spark(), software.scala());
    List<String> remedies = new ArrayList<>();
    if (software.java() < OLDEST_JAVA || software.java() > NEWEST_JAVA) {
      remedies.add("use Java %d to %d (JAVA_HOME)".formatted(OLDEST_JAVA, NEWEST_JAVA));
    }
    if (!isOf(SPARK, software.spark()) || !isOf(SCALA, software.scala())) {
      remedies.add("use Spark %s for Scala %s (SPARK_HOME)".formatted(SPARK, SCALA));
    }
    return remedies.isEmpty()
        ? Verdict.ok(got)
        : Verdict.error(got, String.join(", and ", remedies));
  }

  private static boolean isOf(String line, String version) {
    return version.startsWith(line + ".");
  }
}
