package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.optimizer.ComputeCurrentTime;
import org.apache.spark.sql.catalyst.optimizer.SpecialDatetimeValues;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table named by a user, with checked columns; every failure is one clear line.
 *
 * @param name its name in messages
 * @param rows of the table
 * @param skipping how its invalid rows can be left out, for messages
 * @param failure creates the exception if Spark cannot read it
 * @param doubts why the types of some columns are ambiguous, by their names
 */
public record TableInput(
    String name, Dataset<Row> rows, String skipping, Failure failure, Map<String, String> doubts) {

  /** A literal that stands for an instant of the clock as soon as Spark parses it. */
  private static final Pattern NOW =
      Pattern.compile("(?i)\\b(timestamp|date)\\w*\\s*['\"]\\s*(now|today|yesterday|tomorrow)\\b");

  /** Converts Spark's exceptions to those for the user. */
  @FunctionalInterface
  public interface Failure {

    RuntimeException of(String name, Exception e);
  }

  /**
   * A data set of a program; Spark's exceptions are passed on unchanged.
   *
   * @param skipping as above
   */
  static TableInput of(Dataset<Row> rows, String skipping) {
    return new TableInput(
        "the data set",
        rows,
        skipping,
        (name, e) -> e instanceof RuntimeException passed ? passed : new IllegalStateException(e),
        Map.of());
  }

  /**
   * The rows that satisfy a predicate of Spark SQL; empty for all.
   *
   * @throws ConfigurationException if it is invalid for these columns, or not deterministic
   */
  public TableInput where(String predicate) {
    if (predicate.isBlank()) {
      return this;
    }
    String what = name + " where " + predicate;
    Dataset<Row> filtered;
    try {
      filtered = rows.where(predicate);
    } catch (Exception e) {
      // Spark throws its checked AnalysisException here without declaring it.
      throw new ConfigurationException(
          "No rows of %s: %s".formatted(what, Text.firstLine(e.getMessage())), e);
    }
    if (moves(filtered) || NOW.matcher(predicate).find()) {
      throw new ConfigurationException(
          "No rows of "
              + what
              + ": expected a predicate that gives the same at each reading, with instants such as timestamp'2026-01-31 12:00:00'");
    }
    return new TableInput(what, filtered, skipping, failure, doubts);
  }

  /** The same; fails for a view that draws rows, or reads the clock. */
  TableInput requireStill() {
    if (moves(rows)) {
      throw new InvalidInputException(
          name
              + " may give other rows at each reading, by a function such as rand() or now(), or a"
              + " sample: write its rows to a table, and name that");
    }
    return this;
  }

  private static boolean moves(Dataset<Row> query) {
    LogicalPlan plan = query.queryExecution().analyzed();
    return !plan.deterministic()
        || !ComputeCurrentTime.apply(plan).equals(plan)
        || !SpecialDatetimeValues.apply(plan).equals(plan)
        || plan.exists(part -> part instanceof Sample);
  }

  /** Whether there is a column that Spark finds by this name. */
  boolean has(String column) {
    return find(column).isPresent();
  }

  /**
   * The type of a column that exists.
   *
   * @throws InvalidInputException if it is ambiguous
   */
  DataType type(String column) {
    StructField field = find(column).orElseThrow();
    if (doubts.containsKey(field.name())) {
      throw new InvalidInputException(doubts.get(field.name()));
    }
    return field.dataType();
  }

  /** Whether a column that exists has one of these types, however ambiguous. */
  boolean isOf(String column, DataType... types) {
    return List.of(types).contains(find(column).orElseThrow().dataType());
  }

  private Optional<StructField> find(String column) {
    return Schemas.find(rows.schema(), column, name);
  }

  /**
   * Checks that a column exists.
   *
   * @throws InvalidInputException if it does not exist; the message names the existing columns
   */
  public void require(String column) {
    require(column, "");
  }

  /**
   * The same.
   *
   * @param remedy the message's end
   */
  void require(String column, String remedy) {
    if (!has(column)) {
      throw new InvalidInputException(
          name + " has no column '" + column + "', only " + columns(rows.schema()) + remedy);
    }
  }

  /** Whether no column holds arrays or vectors. */
  boolean isPlain() {
    return Arrays.stream(rows.schema().fields())
        .map(StructField::dataType)
        .noneMatch(type -> type instanceof ArrayType || type.equals(SQLDataTypes.VectorType()));
  }

  /** Checks that a column exists and has numbers of any type. */
  void requireNumbers(String column) {
    require(column);
    if (!(type(column) instanceof NumericType)) {
      throw new InvalidInputException(
          "Column '%s' of %s is of type %s, expected numbers"
              .formatted(column, name, type(column).simpleString()));
    }
  }

  /** Checks that a column exists and has one of the given types. */
  public void require(String column, DataType... types) {
    require(column);
    if (!Arrays.asList(types).contains(type(column))) {
      throw new InvalidInputException(
          "Column '%s' of %s is of type %s, expected %s"
              .formatted(
                  column,
                  name,
                  type(column).simpleString(),
                  Arrays.stream(types)
                      .map(DataType::simpleString)
                      .distinct()
                      .collect(Collectors.joining(" or "))));
    }
  }

  /**
   * What is to be known of all rows before they can be converted.
   *
   * @param rows their number
   * @param strings the different strings of some columns, sorted; of too many some
   */
  record Survey(long rows, Map<String, List<String>> strings) {

    /**
     * The strings of a column; none of one that was not asked for.
     *
     * @param use of them, for messages
     * @throws InvalidInputException if there are too many, or two are one in Unicode
     */
    List<String> strings(String column, TableInput of, int most, String use) {
      List<String> found = strings.getOrDefault(column, List.of());
      if (found.size() > most) {
        throw new InvalidInputException(
            "Column '%s' of %s holds more than %,d different strings, too many for %s"
                .formatted(column, of.name, most, use));
      }
      return LabelNames.distinct(found, column, of.name);
    }
  }

  /**
   * Reads the rows once.
   *
   * @param most how many different strings a column may have, by its name
   * @param frequent of columns that have more, those are wanted that most rows have: these columns
   */
  Survey survey(Map<String, Integer> most, Set<String> frequent) {
    if (most.isEmpty()) {
      return new Survey(reading(() -> Schemas.count(rows)), Map.of());
    }
    List<String> names = List.copyOf(most.keySet());
    Column[] values =
        IntStream.range(0, names.size())
            .mapToObj(i -> struct(lit(i).as("column"), Schemas.column(names.get(i)).as("value")))
            .toArray(Column[]::new);
    // Each column has its strings and null: of more, one of them has one too many.
    int limit = most.values().stream().mapToInt(strings -> strings + 1).sum() + 1;
    Dataset<Row> counts =
        rows.select(explode(array(values)).as("_")).groupBy("_.column", "_.value").count();
    long count = 0;
    Map<String, List<String>> strings = new HashMap<>();
    names.forEach(name -> strings.put(name, new ArrayList<>()));
    for (Row row : reading(() -> counts.limit(limit).collectAsList())) {
      count += row.getInt(0) == 0 ? row.getLong(2) : 0;
      if (!row.isNullAt(1)) {
        strings.get(names.get(row.getInt(0))).add(row.getString(1));
      }
    }
    boolean all = strings.values().stream().mapToInt(List::size).sum() < limit - names.size();
    for (String name : frequent) {
      if (strings.get(name).size() > most.get(name) || !all) {
        strings.put(name, frequent(name, most.get(name)));
      }
    }
    strings.values().forEach(found -> found.sort(Comparator.naturalOrder()));
    return new Survey(all ? count : reading(() -> Schemas.count(rows)), strings);
  }

  /** The strings of a column; of too many those that most rows have, each of some rows. */
  private List<String> frequent(String column, int most) {
    Column value = Schemas.column(column).as("value");
    Column[] order = {col("count").desc(), col("value")};
    Dataset<Row> counts =
        rows.select(value).where(col("value").isNotNull()).groupBy("value").count();
    List<Row> first = reading(() -> counts.orderBy(order).limit(most + 1).collectAsList());
    List<String> found =
        first.stream()
            .filter(row -> first.size() <= most || row.getLong(1) >= KindChoice.FREQUENT)
            .limit(most)
            .map(row -> row.getString(0))
            .collect(Collectors.toCollection(ArrayList::new));
    if (found.isEmpty() && !first.isEmpty()) {
      throw new InvalidInputException(
          "Column '%s' of %s holds more than %,d different strings, each in fewer than %d rows: expected categories; name the other columns as features"
              .formatted(column, name, most, KindChoice.FREQUENT));
    }
    return found;
  }

  public <T> T reading(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (InvalidInputException e) {
      throw e;
    } catch (Exception e) {
      throw failure.of(name, e);
    }
  }

  public TableStatistics aggregate(Dataset<Row> of, Map<String, Column> aggregates) {
    Column[] columns =
        aggregates.entrySet().stream()
            .map(entry -> entry.getValue().as(entry.getKey()))
            .toArray(Column[]::new);
    return reading(
        () ->
            new TableStatistics(
                of.agg(columns[0], Arrays.copyOfRange(columns, 1, columns.length)).head()));
  }

  private static String columns(StructType schema) {
    return schema.isEmpty()
        ? "none at all"
        : Arrays.stream(schema.fieldNames()).collect(Collectors.joining(", "));
  }
}
