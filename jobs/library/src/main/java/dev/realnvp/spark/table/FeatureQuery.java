package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.stored.FeatureColumns;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOCase;
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
  public List<String> unknown(TableInput input, Set<String> others) {
    return names(input, others).stream()
        .filter(name -> input.type(name).equals(DataTypes.StringType))
        .toList();
  }

  @Override
  public FeatureEncoder encoder(TableInput input, Set<String> others, TableInput.Survey survey) {
    if (columns.isEmpty()) {
      return new FeatureEncoder(vector, FeatureColumns.NONE).encoder(input, others, survey);
    }
    List<FeatureColumns.Source> sources =
        names(input, others).stream()
            .map(
                name ->
                    new FeatureColumns.Source(
                        name,
                        categories(name, input, survey),
                        input.type(name).equals(DataTypes.BooleanType)))
            .toList();
    return new FeatureEncoder("", new FeatureColumns(sources, List.of(), 0))
        .encoder(input, others, survey);
  }

  private Set<String> names(TableInput input, Set<String> others) {
    Set<String> names = new LinkedHashSet<>();
    columns.forEach(column -> names.addAll(matching(input, column, others)));
    return names;
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

  private static List<String> categories(String name, TableInput input, TableInput.Survey survey) {
    List<String> found = survey.strings(name, input, MOST_CATEGORIES, "categories");
    if (found.isEmpty() && input.type(name).equals(DataTypes.StringType)) {
      throw new InvalidInputException(
          survey.rows() == 0
              ? input.name() + " holds no rows"
              : "Column '%s' of %s is null in all %s"
                  .formatted(name, input.name(), Text.count(survey.rows(), "row")));
    }
    return found;
  }
}
