package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.stored.FeatureColumns;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOCase;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * The features that a training asks for: a column of vectors, or many columns.
 *
 * @param vector the column of arrays or vectors; of no matter if there are columns
 * @param columns names of columns, or patterns with {@code *} and {@code ?}; empty for the vector.
 *     Numbers and booleans are a feature each, a column of strings one for each of its values
 * @param imputes whether missing, NaN and infinite values are replaced by the mean of the train
 *     rows
 */
public record FeatureQuery(String vector, List<String> columns, boolean imputes)
    implements Features {

  /** More different strings in a column are no categories but names or texts. */
  static final int MOST_CATEGORIES = 1000;

  /** Copies the columns. */
  public FeatureQuery {
    columns = List.copyOf(columns);
  }

  /** A column of vectors, taken as it is. */
  public static FeatureQuery of(String vector) {
    return new FeatureQuery(vector, List.of(), false);
  }

  @Override
  public String name() {
    return columns.isEmpty() ? vector : String.join(", ", columns);
  }

  @Override
  public Set<String> named() {
    Set<String> named = Schemas.names();
    named.addAll(columns);
    return named;
  }

  /** None: only the table has them. */
  @Override
  public List<String> featureNames() {
    return List.of();
  }

  @Override
  public FeatureEncoder encoder(TableInput input, Set<String> others) {
    if (columns.isEmpty()) {
      return new FeatureEncoder(vector, FeatureColumns.NONE).encoder(input, others);
    }
    Set<String> names = new LinkedHashSet<>();
    columns.forEach(column -> names.addAll(matching(input, column, others)));
    Map<String, List<String>> categories =
        categories(
            input,
            names.stream().filter(name -> input.type(name).equals(DataTypes.StringType)).toList());
    List<FeatureColumns.Source> sources =
        names.stream()
            .map(
                name ->
                    new FeatureColumns.Source(
                        name,
                        categories.getOrDefault(name, List.of()),
                        input.type(name).equals(DataTypes.BooleanType)))
            .toList();
    return new FeatureEncoder("", new FeatureColumns(sources, List.of(), 0)).encoder(input, others);
  }

  /** The columns of a name, or in the table's order those of a pattern. */
  private static List<String> matching(TableInput input, String column, Set<String> others) {
    if (input.has(column)) {
      return Schemas.matching(input.rows().schema(), column);
    }
    List<String> names =
        Arrays.stream(input.rows().schema().fields())
            .map(StructField::name)
            .filter(name -> !others.contains(name))
            .filter(name -> FilenameUtils.wildcardMatch(name, column, IOCase.SENSITIVE))
            .toList();
    if (names.isEmpty()) {
      input.require(column);
    }
    return names;
  }

  /** The sorted values of each column of strings, in two passes over the table for all of them. */
  private static Map<String, List<String>> categories(TableInput input, List<String> names) {
    Map<String, List<String>> categories = new LinkedHashMap<>();
    if (names.isEmpty()) {
      return categories;
    }
    String[] places =
        IntStream.range(0, names.size()).mapToObj(i -> "_" + i).toArray(String[]::new);
    Map<String, Column> counts = new LinkedHashMap<>();
    for (int i = 0; i < places.length; i++) {
      counts.put(places[i], functions.approx_count_distinct(Schemas.column(names.get(i))));
    }
    counts.put(TableStatistics.ROWS, functions.count(functions.lit(1)));
    TableStatistics statistics = input.aggregate(input.rows(), counts);
    long rows = statistics.rows(input.name());
    for (int i = 0; i < places.length; i++) {
      long count = statistics.count(places[i]);
      if (count == 0) {
        throw new InvalidInputException(
            "Column '%s' of %s is null in all %s"
                .formatted(names.get(i), input.name(), Text.count(rows, "row")));
      }
      if (count > MOST_CATEGORIES) {
        throw new InvalidInputException(
            "Column '%s' of %s holds about %,d different strings, expected at most %,d categories"
                .formatted(names.get(i), input.name(), count, MOST_CATEGORIES));
      }
    }
    Column[] columns =
        IntStream.range(0, places.length)
            .mapToObj(i -> Schemas.column(names.get(i)).as(places[i]))
            .toArray(Column[]::new);
    String[] indices = Arrays.stream(places).map(place -> place + "_index").toArray(String[]::new);
    String[][] labels =
        input.reading(
            () ->
                new StringIndexer()
                    .setInputCols(places)
                    .setOutputCols(indices)
                    .setStringOrderType("alphabetAsc")
                    .setHandleInvalid("skip")
                    .fit(input.rows().select(columns))
                    .labelsArray());
    for (int i = 0; i < places.length; i++) {
      categories.put(names.get(i), List.of(labels[i]));
    }
    return categories;
  }
}
