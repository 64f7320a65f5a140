package dev.realnvp.spark;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.junit.jupiter.api.Assumptions;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * A session beside that of {@link LocalSpark}, on the same context, with a catalog {@code lake} of
 * Iceberg tables, and with Delta's as its own. Tests are skipped if this build has no such formats.
 */
public final class TableCatalogs implements AutoCloseable {

  private static final String ICEBERG =
      "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions";
  private static final String DELTA = "io.delta.sql.DeltaSparkSessionExtension";

  private final SparkSession shared = LocalSpark.session();
  private final SparkSession session;

  /**
   * Starts it.
   *
   * @param folder of the tables
   */
  public TableCatalogs(Path folder) {
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
    session =
        SparkSession.builder()
            .withExtensions(extension(ICEBERG))
            .withExtensions(extension(DELTA))
            .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
            .config("spark.sql.catalog.lake.type", "hadoop")
            .config("spark.sql.catalog.lake.warehouse", folder.resolve("lake").toString())
            .config("spark.sql.shuffle.partitions", 2)
            .config("spark.databricks.delta.snapshotPartitions", 1)
            .getOrCreate();
    SparkSession.setDefaultSession(shared);
  }

  @SuppressWarnings("unchecked")
  private static Function1<SparkSessionExtensions, BoxedUnit> extension(String name) {
    try {
      return (Function1<SparkSessionExtensions, BoxedUnit>)
          Class.forName(name).getDeclaredConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      return Assumptions.abort("no " + name);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The session with the catalogs. */
  public SparkSession session() {
    return session;
  }

  /** Gives the other session back to this thread. */
  @Override
  public void close() {
    SparkSession.setActiveSession(shared);
  }
}
