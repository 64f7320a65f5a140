package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.zip_with;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;

/**
 * Turns the columns of a row into its features, an array of floats.
 *
 * <p>A number or a boolean is a feature as it is. Of a column of K categories come K features: 1
 * for the row's own category, 0 for the others; a category that the training did not see is a
 * missing value in each of them.
 *
 * @param vector the column of arrays or vectors, if {@code columns} is empty
 * @param columns those that make the features, in this order
 * @param means of the features in the train rows, which missing, NaN and infinite values are
 *     replaced by; empty if none are replaced
 * @param imputed how many values of the train rows were replaced
 */
public record FeatureEncoder(String vector, List<Source> columns, List<Double> means, long imputed)
    implements Features {

  /**
   * A column.
   *
   * @param categories sorted; empty for numbers and booleans
   * @param truth whether it holds booleans
   */
  public record Source(String name, List<String> categories, boolean truth) {

    /** Copies the categories. */
    public Source {
      categories = List.copyOf(categories);
    }
  }

  private static final String COLUMNS = "feature_columns";
  private static final String NAME = "name";
  private static final String CATEGORIES = "categories";
  private static final String BOOLEAN = "boolean";
  private static final String MEANS = "imputed_means";
  private static final String IMPUTED = "imputed_values";

  private static final String VALUES = "values";

  /** Copies the lists. */
  public FeatureEncoder {
    columns = List.copyOf(columns);
    means = List.copyOf(means);
  }

  @Override
  public String name() {
    return columns.isEmpty()
        ? vector
        : columns.size() <= 3
            ? String.join(", ", sources())
            : "%s, ... %s (%d columns)"
                .formatted(
                    columns.get(0).name(), columns.get(columns.size() - 1).name(), columns.size());
  }

  /** The columns that are read. */
  List<String> sources() {
    return columns.isEmpty() ? List.of(vector) : columns.stream().map(Source::name).toList();
  }

  @Override
  public Set<String> named() {
    Set<String> named = Schemas.names();
    named.addAll(sources());
    return named;
  }

  @Override
  public List<String> featureNames() {
    List<String> names = new ArrayList<>();
    for (Source source : columns) {
      if (source.categories().isEmpty()) {
        names.add(source.name());
      }
      source.categories().forEach(category -> names.add(source.name() + "=" + category));
    }
    return names;
  }

  /** False: it has learnt what it needs. */
  @Override
  public boolean imputes() {
    return false;
  }

  @Override
  public FeatureEncoder encoder(TableInput input, Set<String> others) {
    if (columns.isEmpty()) {
      input.require(
          vector,
          createArrayType(FloatType, true),
          createArrayType(FloatType, false),
          createArrayType(DoubleType, true),
          createArrayType(DoubleType, false),
          SQLDataTypes.VectorType());
    }
    for (Source source : columns) {
      input.require(source.name());
      DataType type = input.type(source.name());
      boolean fits =
          source.truth()
              ? type.equals(BooleanType)
              : source.categories().isEmpty()
                  ? type instanceof NumericType
                  : type.equals(StringType);
      if (!fits) {
        throw new InvalidInputException(
            "Column '%s' of %s is of type %s, expected %s"
                .formatted(
                    source.name(),
                    input.name(),
                    type.simpleString(),
                    source.truth()
                        ? "booleans, as in the training"
                        : source.categories().isEmpty()
                            ? "numbers, booleans or strings"
                            : "strings, as in the training"));
      }
    }
    return this;
  }

  /** The features as they are in the row, an array of floats; missing values are null. */
  Column raw(TableInput input) {
    if (columns.isEmpty()) {
      Column array = Schemas.array(input.rows().schema(), vector);
      return input.type(vector).equals(SQLDataTypes.VectorType())
          ? array
          : array.cast(createArrayType(FloatType, true));
    }
    return concat(columns.stream().map(FeatureEncoder::part).toArray(Column[]::new));
  }

  private static Column part(Source source) {
    Column value = Schemas.column(source.name());
    if (source.categories().isEmpty()) {
      return array(value.cast(FloatType));
    }
    Column place = array_position(lit(source.categories().toArray(String[]::new)), value);
    return transform(
        lit(IntStream.rangeClosed(1, source.categories().size()).toArray()),
        k -> when(place.gt(0), place.equalTo(k).cast(FloatType)));
  }

  @Override
  public Map<String, Column> decoded(Column features) {
    Map<String, Column> decoded = new LinkedHashMap<>();
    int at = 1;
    for (Source source : columns) {
      int size = Math.max(1, source.categories().size());
      Column values = slice(features, at, size);
      Column first = values.getItem(0);
      decoded.put(
          source.name(),
          source.truth()
              ? first.geq(0.5)
              : source.categories().isEmpty()
                  ? first
                  : element_at(
                      lit(source.categories().toArray(String[]::new)),
                      array_position(values, array_max(values)).cast("int")));
      at += size;
    }
    return decoded;
  }

  /**
   * The features with means in place of what is missing. An array of another length is left as it
   * is.
   */
  Column values(Column raw) {
    if (means.isEmpty()) {
      return raw;
    }
    float[] replacements = new float[means.size()];
    for (int j = 0; j < replacements.length; j++) {
      replacements[j] = means.get(j).floatValue();
    }
    return when(
            size(raw).equalTo(replacements.length),
            zip_with(raw, lit(replacements), (x, mean) -> when(finite(x), x).otherwise(mean)))
        .otherwise(raw);
  }

  private static Column finite(Column x) {
    return x.isNotNull().and(not(isnan(x))).and(abs(x).lt(Float.POSITIVE_INFINITY));
  }

  /**
   * The same with the means of the features.
   *
   * @param raw of the train rows
   * @throws InvalidInputException if a feature is missing in all rows
   */
  FeatureEncoder withMeans(TableInput input, Dataset<Row> rows, Column raw) {
    Column value = col("col");
    List<Row> figures =
        input.reading(
            () ->
                rows.select(raw.as(VALUES))
                    .select(posexplode(col(VALUES)))
                    .groupBy("pos")
                    .agg(
                        ExactSums.mean(when(finite(value), value.cast(DoubleType))),
                        count(when(not(finite(value)), 1)))
                    .orderBy("pos")
                    .collectAsList());
    List<Double> means = new ArrayList<>();
    long imputed = 0;
    for (Row row : figures) {
      if (row.isNullAt(1)) {
        throw new InvalidInputException(
            "Feature %s of %s is missing, NaN or infinite in all train rows"
                .formatted(
                    columns.isEmpty()
                        ? "%d of column '%s'".formatted(row.getInt(0), vector)
                        : "'" + featureNames().get(row.getInt(0)) + "'",
                    input.name()));
      }
      means.add(row.getDouble(1));
      imputed += row.getLong(2);
    }
    return new FeatureEncoder(vector, columns, means, imputed);
  }

  /**
   * Where most of a table's invalid rows have no value, for messages: "most in column 'k': 166".
   *
   * @return empty for a column of vectors, and if no feature is missing
   */
  String mostMissing(TableInput input) {
    if (columns.isEmpty()) {
      return "";
    }
    Map<String, Column> counts = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      counts.put(
          "_" + i, TableStatistics.countIf(exists(part(columns.get(i)), x -> not(finite(x)))));
    }
    TableStatistics figures = input.aggregate(input.rows(), counts);
    int most =
        IntStream.range(0, columns.size())
            .reduce(0, (i, j) -> figures.count("_" + j) > figures.count("_" + i) ? j : i);
    Source source = columns.get(most);
    if (figures.count("_" + most) == 0) {
      return "";
    }
    return "; most in column '%s': %d%s"
        .formatted(
            source.name(),
            figures.count("_" + most),
            source.categories().isEmpty()
                ? ""
                : ", missing or none of the %d categories".formatted(source.categories().size()));
  }

  /** What a model's manifest has of it; nothing if it is a vector that is taken as it is. */
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (!columns.isEmpty()) {
      facts.put(COLUMNS, columns.stream().map(FeatureEncoder::fact).toList());
    }
    if (!means.isEmpty()) {
      facts.put(MEANS, means);
      facts.put(IMPUTED, imputed);
    }
    return facts;
  }

  private static Map<String, Object> fact(Source source) {
    Map<String, Object> fact = new LinkedHashMap<>();
    fact.put(NAME, source.name());
    if (!source.categories().isEmpty()) {
      fact.put(CATEGORIES, source.categories());
    }
    if (source.truth()) {
      fact.put(BOOLEAN, true);
    }
    return fact;
  }

  /**
   * Whether a feature takes a few values only: then rows have no density, and the more narrowly a
   * model fits these values, the more nats it seems to gain.
   */
  public boolean isDiscrete() {
    return columns.stream().anyMatch(column -> column.truth() || !column.categories().isEmpty());
  }

  /**
   * The encoder of these facts.
   *
   * @param vector the column of vectors, if there are no columns
   * @return empty if they say nothing of features
   * @throws IllegalArgumentException if they are not what {@link #facts} writes
   */
  public static Optional<FeatureEncoder> of(Map<String, Object> facts, String vector) {
    if (!facts.containsKey(COLUMNS) && !facts.containsKey(MEANS)) {
      return Optional.empty();
    }
    try {
      List<Source> columns = new ArrayList<>();
      for (Object source : (List<?>) facts.getOrDefault(COLUMNS, List.of())) {
        Map<?, ?> fields = (Map<?, ?>) source;
        Object categories = fields.get(CATEGORIES);
        columns.add(
            new Source(
                (String) fields.get(NAME),
                categories == null
                    ? List.of()
                    : ((List<?>) categories).stream().map(String.class::cast).toList(),
                Boolean.TRUE.equals(fields.get(BOOLEAN))));
      }
      List<Double> means =
          ((List<?>) facts.getOrDefault(MEANS, List.of()))
              .stream().map(mean -> ((Number) mean).doubleValue()).toList();
      return Optional.of(
          new FeatureEncoder(
              vector, columns, means, ((Number) facts.getOrDefault(IMPUTED, 0)).longValue()));
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException(
          "expected %s and %s of features; got %s and %s"
              .formatted(COLUMNS, MEANS, facts.get(COLUMNS), facts.get(MEANS)),
          e);
    }
  }
}
