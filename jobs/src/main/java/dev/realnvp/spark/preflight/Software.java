package dev.realnvp.spark.preflight;

import java.io.Serializable;
import org.apache.spark.package$;
import scala.util.Properties$;

/**
 * The versions of a process.
 *
 * @param java the feature release, such as 17
 * @param spark such as 3.5.9
 * @param scala such as 2.12.18
 */
record Software(int java, String spark, String scala) implements Serializable {

  /** The versions of this process. */
  static Software here() {
    return new Software(
        Runtime.version().feature(),
        package$.MODULE$.SPARK_VERSION(),
        Properties$.MODULE$.versionNumberString());
  }
}
