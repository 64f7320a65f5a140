package dev.realnvp.spark;

import dev.realnvp.spark.sql.RealNVPExtensions;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Spark on {@code local[2,4]}: two workers, and four attempts a task as on a cluster. One session
 * serves all tests of a JVM; with {@code @ExtendWith(LocalSpark.class)} as a parameter, too.
 */
public final class LocalSpark implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == SparkSession.class || type == JavaSparkContext.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SparkSession.class ? session() : context();
  }

  /** The context of {@link #session}. */
  public static JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(session().sparkContext());
  }

  /** The session that serves all tests of this JVM. Spark stops it when the JVM ends. */
  public static SparkSession session() {
    return PerJvm.get(
        SparkSession.class,
        () ->
            SparkSession.builder()
                .master("local[2,4]")
                .appName("tests")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.extensions", RealNVPExtensions.class.getName())
                .getOrCreate());
  }
}
