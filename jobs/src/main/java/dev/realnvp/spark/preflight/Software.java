package dev.realnvp.spark.preflight;

import java.io.Serializable;
import org.apache.spark.package$;
import scala.util.Properties$;

/**
 * The versions of a process.
 *
 * @param java the feature release, 17 say
 * @param spark 3.5.9 say
 * @param scala 2.12.18 say
 */
record Software(int java, String spark, String scala) implements Serializable {

  /** This process's. */
  static Software here() {
    return new Software(
        Runtime.version().feature(),
        package$.MODULE$.SPARK_VERSION(),
        Properties$.MODULE$.versionNumberString());
  }
}
