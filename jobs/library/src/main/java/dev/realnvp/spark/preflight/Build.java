package dev.realnvp.spark.preflight;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Properties;

/** The builds of this project, one for each line of Spark, and what they run on. */
enum Build {
  SPARK_3_5("3.5", "2.12", "Spark 3.5"),

  SPARK_4("4", "2.13", "Spark 4.0.1 or newer");

  /** It breaks the parameters of every ML stage that is not its own. */
  private static final String BROKEN = "4.0.0";

  private final String line;
  private final String scala;
  private final String sparks;

  Build(String line, String scala, String sparks) {
    this.line = line;
    this.scala = scala;
    this.sparks = sparks;
  }

  /** The one that this class is of. */
  static Build here() {
    String name = "build.properties";
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream(name)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
    return Arrays.stream(values())
        .filter(build -> build.line.equals(properties.getProperty("spark")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + ": " + properties));
  }

  /**
   * The newest Java that a Spark starts on. Java 24 removed the security manager; without it the
   * Hadoop of Spark 3.5 and 4.0 finds no user.
   */
  static int newestJava(String spark) {
    return spark.startsWith("3.") || spark.startsWith("4.0.") ? 23 : 25;
  }

  boolean runsOn(String spark, String scalaVersion) {
    return spark.startsWith(line + ".")
        && !spark.equals(BROKEN)
        && scalaVersion.startsWith(scala + ".");
  }

  /** The Spark that it runs on. */
  String spark() {
    return "%s for Scala %s".formatted(sparks, scala);
  }

  String artifact() {
    return "realnvp-spark_%s_%s".formatted(line, scala);
  }
}
