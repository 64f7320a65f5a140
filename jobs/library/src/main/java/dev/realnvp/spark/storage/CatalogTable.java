package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.commons.lang3.reflect.MethodUtils;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.RelationTimeTravel;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagingTableCatalog;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import scala.collection.Iterator;

/**
 * A table of Spark's catalog, by its name of at least two parts, {@code db.table} or {@code
 * catalog.db.table}. Behind the name there may be a version as in Spark SQL, {@code VERSION AS OF
 * 17} or {@code TIMESTAMP AS OF '2026-01-31'}; then that version is read.
 *
 * <p>What Spark throws about the table becomes one line for the user.
 */
public final class CatalogTable {

  private static final String SESSION = "spark_catalog";
  private static final String PROVIDER = "provider";
  private static final String DELTA = "delta";
  private static final String ICEBERG = "iceberg";

  private final SparkSession spark;
  private final List<String> parts;
  private final AsOf asOf;

  /**
   * The version that is read: as given, the last one at a time, or the newest.
   *
   * @param version an id or a name; null for another kind
   * @param timestamp an expression of SQL; null for another kind
   */
  private record AsOf(String version, String timestamp) {

    static final AsOf NOW = new AsOf(null, null);

    String sql() {
      return version != null
          ? " VERSION AS OF " + literal(version)
          : timestamp != null ? " TIMESTAMP AS OF " + timestamp : "";
    }
  }

  private CatalogTable(SparkSession spark, List<String> parts, AsOf asOf) {
    this.spark = spark;
    this.parts = List.copyOf(parts);
    this.asOf = asOf;
  }

  /** The table of a name, by Spark's own parser; empty if the text is no name of two parts. */
  public static Optional<CatalogTable> parse(SparkSession spark, String text) {
    if (!text.contains(".")) {
      return Optional.empty();
    }
    LogicalPlan plan;
    try {
      plan = new CatalystSqlParser().parsePlan("SELECT * FROM " + text);
    } catch (Exception e) {
      // Spark throws its checked ParseException here without declaring it.
      return Optional.empty();
    }
    if (!(plan instanceof Project project)) {
      return Optional.empty();
    }
    AsOf asOf = AsOf.NOW;
    LogicalPlan table = project.child();
    if (table instanceof RelationTimeTravel travel) {
      asOf =
          new AsOf(
              travel.version().isDefined() ? travel.version().get() : null,
              travel.timestamp().isDefined() ? travel.timestamp().get().sql() : null);
      table = travel.relation();
    }
    if (!(table instanceof UnresolvedRelation relation) || !relation.options().isEmpty()) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    Iterator<String> names = relation.multipartIdentifier().iterator();
    while (names.hasNext()) {
      parts.add(names.next());
    }
    return parts.size() < 2 ? Optional.empty() : Optional.of(new CatalogTable(spark, parts, asOf));
  }

  /**
   * The table that an output's name means; empty if it means a path. It means a path if it has a
   * slash or a colon, if there is something at the path, or if the first of its parts is neither a
   * catalog nor a database.
   *
   * @throws InvalidInputException if it has a version: only the newest can be written
   */
  public static Optional<CatalogTable> output(SparkSession spark, String name) {
    if (name.contains("/") || name.contains(":")) {
      return Optional.empty();
    }
    Optional<CatalogTable> table =
        parse(spark, name)
            .filter(
                some ->
                    some.isCatalogued()
                        && !some.reading(
                            () ->
                                Location.of(spark.sparkContext().hadoopConfiguration(), name)
                                    .exists()));
    if (table.isEmpty()) {
      return Optional.empty();
    }
    if (!table.get().asOf.equals(AsOf.NOW)) {
      throw new InvalidInputException(
          "Output %s has a version: expected the name of the table alone".formatted(name));
    }
    return table;
  }

  /** Whether Spark knows the first part, as a catalog or as a database of the current one. */
  private boolean isCatalogued() {
    return reading(
        () -> hasCatalog() || spark.catalog().databaseExists(quoted(List.of(parts.get(0)))));
  }

  /** The name, with the version if there is one, as Spark SQL reads it. */
  public String name() {
    return quoted(parts) + asOf.sql();
  }

  /** Whether the catalog has a table, or a view, of this name. */
  public boolean exists() {
    return reading(
        () -> {
          try {
            return spark.catalog().tableExists(quoted(parts));
          } catch (Exception e) {
            // Spark throws its checked AnalysisException here without declaring it, if the catalog
            // has no names of so many parts, say.
            if (e instanceof AnalysisException) {
              return false;
            }
            throw e;
          }
        });
  }

  /** Opens the table; no row is read. */
  public Dataset<Row> read() {
    return reading(() -> spark.sql("SELECT * FROM " + name()));
  }

  /**
   * The table at the version that it has now, if none is named, so that readings at different times
   * give the same rows. Of Iceberg that is a snapshot, of Delta a version; the columns are then
   * those of that version. Other formats have none: a table of those, or a view, is read as it is
   * at each reading, and whoever writes it meanwhile has to be waited for.
   */
  public CatalogTable pinned() {
    return version().map(at -> new CatalogTable(spark, parts, new AsOf(at, null))).orElse(this);
  }

  private Optional<String> version() {
    return reading(
        () -> {
          String provider = stored().getOrDefault(PROVIDER, "");
          return switch (provider) {
            case ICEBERG -> snapshot();
            case DELTA -> deltaVersion();
            default -> Optional.empty();
          };
        });
  }

  /** The id of a snapshot, which a tag or a branch may name. A table without rows has none. */
  private Optional<String> snapshot() {
    if (asOf.timestamp() != null) {
      return value(
          "SELECT max_by(snapshot_id, made_current_at) FROM %s WHERE made_current_at <= %s"
              .formatted(metadata("history"), time()));
    }
    String wanted = asOf.version() == null ? "main" : asOf.version();
    return wanted.matches("\\d+")
        ? Optional.of(wanted)
        : value(
            "SELECT snapshot_id FROM %s WHERE name = %s"
                .formatted(metadata("refs"), literal(wanted)));
  }

  private String metadata(String table) {
    List<String> of = new ArrayList<>(parts);
    of.add(table);
    return quoted(of);
  }

  private Optional<String> deltaVersion() {
    if (asOf.version() != null) {
      return Optional.of(asOf.version());
    }
    String history = "DESCRIBE HISTORY " + quoted(parts);
    return asOf.timestamp() == null
        ? value(spark.sql(history + " LIMIT 1").select("version"))
        : value(spark.sql(history).where("timestamp <= " + time()).selectExpr("max(version)"));
  }

  private String time() {
    return "CAST(%s AS TIMESTAMP)".formatted(asOf.timestamp());
  }

  private Optional<String> value(String sql) {
    return value(spark.sql(sql));
  }

  private static Optional<String> value(Dataset<Row> one) {
    return one.collectAsList().stream()
        .filter(row -> !row.isNullAt(0))
        .map(row -> row.get(0).toString())
        .findFirst();
  }

  /**
   * What the catalog keeps of a table beside its rows. None of a version that is not the newest,
   * because they are not kept by version.
   */
  public Map<String, String> properties() {
    boolean newest =
        asOf.equals(AsOf.NOW)
            || version().equals(new CatalogTable(spark, parts, AsOf.NOW).version());
    return newest ? stored() : Map.of();
  }

  private Map<String, String> stored() {
    return reading(
        () ->
            catalog() instanceof TableCatalog tables && tables.tableExists(identifier())
                ? tables.loadTable(identifier()).properties()
                : Map.of());
  }

  /**
   * Fails if {@link #write} would, because of what is there.
   *
   * @throws InvalidInputException if the table exists and must not be replaced, or its catalog
   *     cannot make it in one step
   */
  public void requireWritable(boolean replace) {
    boolean exists = exists();
    if (exists && !replace) {
      throw new InvalidInputException(
          "Output " + name() + " exists already: use --overwrite to replace it");
    }
    CatalogPlugin catalog = reading(this::catalog);
    boolean inOneStep = catalog instanceof StagingTableCatalog || isOfSession(catalog) && !exists;
    if (!inOneStep) {
      throw new InvalidInputException(
          "Output %s: catalog %s cannot %s a table in one step, as those of Iceberg and Delta can: %s"
              .formatted(
                  name(),
                  catalog.name(),
                  exists ? "replace" : "create",
                  exists ? "drop the table before, or give a path" : "give a path"));
    }
  }

  /**
   * Creates the table, or replaces it, in one step of its catalog, and then counts its rows.
   *
   * @param expected the number of rows
   * @param replace an existing table
   * @param properties to keep with the table
   * @throws InvalidInputException as {@link #requireWritable}
   * @throws OutputException if the number differs
   */
  public void write(
      Dataset<Row> rows, long expected, boolean replace, Map<String, String> properties) {
    requireWritable(replace);
    DataFrameWriterV2<Row> writer = rows.writeTo(quoted(parts));
    properties.forEach(writer::tableProperty);
    CatalogPlugin catalog = catalog();
    if (isOfSession(catalog)) {
      writer.using(provider(catalog));
    }
    try {
      if (replace && catalog instanceof StagingTableCatalog) {
        writer.createOrReplace();
      } else {
        writer.create();
      }
    } catch (Exception e) {
      // Spark throws its checked exceptions here without declaring them.
      if (!replace && exists()) {
        requireWritable(false);
      }
      if (e instanceof AnalysisException) {
        throw new OutputException(
            "Cannot write %s: %s".formatted(name(), Text.firstLine(e.getMessage())));
      }
      throw e instanceof RuntimeException passed ? passed : new IllegalStateException(e);
    }
    long written = pinned().read().count();
    if (written != expected) {
      throw new OutputException(
          "%s has %,d rows, expected %,d: do not use it".formatted(name(), written, expected));
    }
  }

  /** The format of Spark's own catalog, which takes that of Hive if it is not told. */
  private static String provider(CatalogPlugin catalog) {
    String type = catalog.getClass().getName();
    return type.startsWith("org.apache.spark.sql.delta.")
        ? DELTA
        : type.startsWith("org.apache.iceberg.") ? ICEBERG : "parquet";
  }

  private boolean hasCatalog() {
    String first = parts.get(0);
    return first.equals(SESSION) || spark.conf().contains("spark.sql.catalog." + first);
  }

  /**
   * The catalog of the table. By reflection, because Spark's manager of catalogs is a class in 4.0
   * and an interface in 4.2, and one jar is for both.
   */
  private CatalogPlugin catalog() {
    Object manager = spark.sessionState().catalogManager();
    try {
      return (CatalogPlugin)
          (hasCatalog()
              ? MethodUtils.invokeMethod(manager, "catalog", parts.get(0))
              : MethodUtils.invokeMethod(manager, "currentCatalog"));
    } catch (InvocationTargetException e) {
      throw unreadable(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isOfSession(CatalogPlugin catalog) {
    return catalog.name().equals(SESSION);
  }

  private Identifier identifier() {
    int last = parts.size() - 1;
    return Identifier.of(
        parts.subList(hasCatalog() ? 1 : 0, last).toArray(String[]::new), parts.get(last));
  }

  private static String quoted(List<String> parts) {
    return parts.stream()
        .map(
            part ->
                part.matches("[A-Za-z_][A-Za-z0-9_]*") ? part : "`" + part.replace("`", "``") + "`")
        .collect(Collectors.joining("."));
  }

  private static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private <T> T reading(Callable<T> question) {
    try {
      return question.call();
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      throw unreadable(e);
    }
  }

  /** The exception for what Spark throws about the table. */
  public InvalidInputException unreadable(Exception e) {
    return new InvalidInputException(
        "Cannot use table %s of Spark's catalog: %s"
            .formatted(name(), Text.firstLine(ExceptionUtils.getRootCauseMessage(e))),
        e);
  }
}
