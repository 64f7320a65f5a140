package dev.realnvp.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** The versions of the software that made a model. */
public final class Versions {

  /** This project's own version. */
  public static final String PROJECT = "0.1.0";

  private Versions() {}

  /** Of realnvp-spark, DL4J, ND4J and Java, by those names, in a mutable map. */
  public static Map<String, String> collect() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("realnvp-spark", PROJECT);
    versions.put("dl4j", ofJar("org.deeplearning4j", "deeplearning4j-nn"));
    versions.put("nd4j", ofJar("org.nd4j", "nd4j-native-api"));
    versions.put("java", System.getProperty("java.version"));
    return versions;
  }

  /** The version in the properties that Maven writes into a jar; "unknown" if they were removed. */
  private static String ofJar(String group, String artifact) {
    String name = "/META-INF/maven/%s/%s/pom.properties".formatted(group, artifact);
    try (InputStream in = Versions.class.getResourceAsStream(name)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
