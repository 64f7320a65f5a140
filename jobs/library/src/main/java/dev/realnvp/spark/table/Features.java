package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.zip_with;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.FeatureColumns.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOCase;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;

/**
 * Which values of a row are its features, and how they become an array of floats: a column of
 * vectors; or many columns, which {@link FeatureColumns} describes.
 *
 * @param vector the column of arrays or vectors; of no matter if there are columns
 * @param patterns what a training asks for until the table tells more: names of columns, or
 *     patterns with {@code *} and {@code ?}. Numbers and booleans are a feature each, a column of
 *     strings one for each of its values. Empty for the vector, and if the columns are learnt
 * @param imputes whether the means of the train rows are still to be learnt, by which missing, NaN
 *     and infinite values are replaced
 * @param kinds what a training is told of columns, by name, if it chooses kinds of features; empty
 *     if each number is a feature as it is, and each category
 * @param learnt the columns, and the means in place of what is missing
 */
public record Features(
    String vector,
    List<String> patterns,
    boolean imputes,
    Optional<Map<String, KindChoice.Wish>> kinds,
    FeatureColumns learnt) {

  /** More different strings in a column are no categories but names or texts. */
  static final int MOST_CATEGORIES = 1000;

  public Features {
    patterns = List.copyOf(patterns);
  }

  /** A column of vectors, taken as it is. */
  public static Features of(String vector) {
    return of(vector, FeatureColumns.NONE);
  }

  /** Those that a training has learnt. */
  public static Features of(String vector, FeatureColumns learnt) {
    return new Features(vector, List.of(), false, Optional.empty(), learnt);
  }

  private List<Source> columns() {
    return learnt.columns();
  }

  /** How messages call them. */
  public String name() {
    if (!patterns.isEmpty()) {
      return String.join(", ", patterns);
    }
    return columns().size() <= 3
        ? String.join(", ", sources())
        : "%s, ... %s (%d columns)"
            .formatted(
                columns().get(0).name(),
                columns().get(columns().size() - 1).name(),
                columns().size());
  }

  /** The columns that are read. */
  List<String> sources() {
    return columns().isEmpty() ? List.of(vector) : columns().stream().map(Source::name).toList();
  }

  /** The columns that are features because they were named; a set as {@link Schemas#names}. */
  public Set<String> named() {
    Set<String> named = Schemas.names();
    named.addAll(patterns.isEmpty() ? sources() : patterns);
    return named;
  }

  /** What each feature is called, "age" or "kind=cat"; empty if they have no names. */
  public List<String> featureNames() {
    return learnt.featureNames();
  }

  /**
   * The columns of strings whose categories are not known yet.
   *
   * @param others columns that are no features unless they are named
   * @throws InvalidInputException if a feature's column does not exist
   */
  List<String> unknown(TableInput input, Set<String> others) {
    return names(input, others).stream()
        .filter(name -> input.type(name).equals(StringType))
        .toList();
  }

  /**
   * The same with all that can be learnt of a table but means; its columns exist, and have types
   * that can be encoded.
   *
   * @param others columns that are no features unless they are named
   * @param survey of the table's rows, with the strings of {@link #unknown} columns
   * @throws InvalidInputException if one does not exist, has another type, or holds too many
   *     categories
   */
  Features learn(TableInput input, Set<String> others, TableInput.Survey survey) {
    if (patterns.isEmpty()) {
      return checked(input);
    }
    List<Source> sources =
        names(input, others).stream()
            // A column without any value, which a pattern finds, says nothing.
            .filter(
                name ->
                    named().contains(name)
                        || survey.rows() == 0
                        || !input.type(name).equals(StringType)
                        || !strings(name, input, survey).isEmpty())
            .map(
                name ->
                    new Source(
                        name,
                        categories(name, input, survey),
                        input.type(name).equals(BooleanType)))
            .toList();
    kinds
        .orElse(Map.of())
        .forEach(
            (name, kind) -> {
              if (sources.stream().noneMatch(source -> source.name().equalsIgnoreCase(name))) {
                throw new InvalidInputException(
                    "column-kinds: column '%s' is none of the features %s"
                        .formatted(name, String.join(", ", names(input, others))));
              }
            });
    FeatureColumns found = new FeatureColumns(sources, List.of(), 0, kinds.isPresent());
    return new Features("", List.of(), imputes, kinds, found).checked(input);
  }

  private Features checked(TableInput input) {
    if (columns().isEmpty()) {
      input.require(
          vector,
          input.isPlain()
              ? ": --features-cols names columns of numbers, booleans and strings, '*' all"
              : "");
      input.require(
          vector,
          createArrayType(FloatType, true),
          createArrayType(FloatType, false),
          createArrayType(DoubleType, true),
          createArrayType(DoubleType, false),
          SQLDataTypes.VectorType());
    }
    for (Source source : columns()) {
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
                            ? "numbers, booleans or strings" + remedy(type)
                            : "strings, as in the training"));
      }
    }
    return this;
  }

  private static String remedy(DataType type) {
    return type.simpleString().matches("date|timestamp.*")
        ? ": name the other columns, or make a number of it, as datediff(COLUMN, '2026-01-01')"
        : "";
  }

  private Set<String> names(TableInput input, Set<String> others) {
    Set<String> names = new LinkedHashSet<>();
    patterns.forEach(column -> names.addAll(matching(input, column, others)));
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

  private static List<String> strings(String name, TableInput input, TableInput.Survey survey) {
    return survey.strings(name, input, MOST_CATEGORIES, "categories");
  }

  private static List<String> categories(String name, TableInput input, TableInput.Survey survey) {
    List<String> found = strings(name, input, survey);
    if (found.isEmpty() && input.type(name).equals(StringType)) {
      throw new InvalidInputException(
          survey.rows() == 0
              ? input.name() + " holds no rows"
              : "Column '%s' of %s is null in all %s"
                  .formatted(name, input.name(), Text.count(survey.rows(), "row")));
    }
    return found;
  }

  /**
   * The features of a data set as a flow takes them.
   *
   * @throws InvalidInputException if a column is not there, or of another type
   */
  public Column of(Dataset<?> data) {
    TableInput input = TableInput.of(data.toDF(), "");
    return checked(input).values(input);
  }

  /** The features as they are in the row, an array of floats; missing values are null. */
  Column raw(TableInput input) {
    if (columns().isEmpty()) {
      Column array = Schemas.array(input.rows().schema(), vector);
      return input.type(vector).equals(SQLDataTypes.VectorType())
          ? array
          : array.cast(createArrayType(FloatType, true));
    }
    return learnt.kinds() || !hasCategories()
        ? array(columns().stream().map(this::number).toArray(Column[]::new))
        : concat(columns().stream().map(this::part).toArray(Column[]::new));
  }

  private boolean hasCategories() {
    return columns().stream().anyMatch(source -> !source.categories().isEmpty());
  }

  private Column part(Source source) {
    if (learnt.kinds() || source.categories().isEmpty()) {
      return array(number(source));
    }
    Column place = place(source.categories(), Schemas.column(source.name()));
    return transform(
        lit(IntStream.rangeClosed(1, source.categories().size()).toArray()),
        k -> when(place.gt(0), place.equalTo(k).cast(FloatType)));
  }

  /** A column that is one feature; of a category its place from 0, the last for an unknown one. */
  private Column number(Source source) {
    Column value = Schemas.column(source.name());
    if (source.categories().isEmpty()) {
      return value.cast(FloatType);
    }
    Column place = place(source.categories(), value);
    Column other = lit(source.categories().size());
    return when(place.gt(0), place.minus(1)).when(value.isNotNull(), other).cast(FloatType);
  }

  /** From 1, whatever the value's Unicode form; 0 for none of them. */
  private static Column place(List<String> categories, Column value) {
    String[] forms = categories.stream().map(FeatureColumns::normal).toArray(String[]::new);
    boolean ascii = String.join("", forms).chars().allMatch(c -> c < 0x80);
    UDF1<String, String> form = FeatureColumns::normal;
    return array_position(lit(forms), ascii ? value : udf(form, StringType).apply(value));
  }

  /**
   * The columns that features stand for, by name: of a category the value whose feature is
   * greatest, of a truth what is nearer. None if they are a column of vectors.
   *
   * @param features an array of floats
   */
  public Map<String, Column> decoded(Column features) {
    Map<String, Column> decoded = new LinkedHashMap<>();
    int at = 1;
    for (Source source : columns()) {
      int size = learnt.size(source);
      Column values = slice(features, at, size);
      Column first = values.getItem(0);
      decoded.put(
          source.name(),
          learnt.kinds()
              ? decoded(source, when(not(isnan(first)), first))
              : source.truth()
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

  /** What a feature that is a whole column stands for; null for what is missing or unknown. */
  private static Column decoded(Source source, Column value) {
    if (source.truth()) {
      return value.geq(0.5);
    }
    if (source.categories().isEmpty()) {
      return value;
    }
    Column known = when(value.lt(source.categories().size()), value.plus(1).cast("int"));
    return element_at(lit(source.categories().toArray(String[]::new)), known);
  }

  /**
   * The features with means in place of what is missing, or with NaN there if the flow knows kinds
   * of features. An array of another length is left as it is.
   */
  Column values(TableInput input) {
    if (learnt.kinds()) {
      // Spark compiles this, but no function of an array's elements.
      return array(
          columns().stream()
              .map(this::number)
              .map(x -> when(finite(x), x).otherwise(Float.NaN))
              .toArray(Column[]::new));
    }
    Column raw = raw(input);
    if (learnt.means().isEmpty()) {
      return raw;
    }
    float[] replacements = new float[learnt.means().size()];
    for (int j = 0; j < replacements.length; j++) {
      replacements[j] = learnt.means().get(j).floatValue();
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
  Features withMeans(TableInput input, Dataset<Row> rows, Column raw) {
    FeatureMeans found = input.reading(() -> FeatureMeans.in(rows.select(raw)));
    List<Double> means = new ArrayList<>();
    for (int j = 0; j < found.counts.length; j++) {
      if (found.counts[j] == 0) {
        throw new InvalidInputException(
            "Feature %s of %s is missing, NaN or infinite in all train rows"
                .formatted(
                    columns().isEmpty()
                        ? "%d of column '%s'".formatted(j, vector)
                        : "'" + featureNames().get(j) + "'",
                    input.name()));
      }
      means.add(found.mean(j));
    }
    return of(vector, new FeatureColumns(columns(), means, found.missing, false));
  }

  /**
   * Where most of a table's invalid rows have no value, for messages: "most in column 'k': 166".
   *
   * @return empty for a column of vectors, and if no feature is missing
   */
  String mostMissing(TableInput input) {
    if (columns().isEmpty()) {
      return "";
    }
    Map<String, Column> counts = new LinkedHashMap<>();
    for (int i = 0; i < columns().size(); i++) {
      counts.put(
          "_" + i, TableStatistics.countIf(exists(part(columns().get(i)), x -> not(finite(x)))));
    }
    TableStatistics figures = input.aggregate(input.rows(), counts);
    int most =
        IntStream.range(0, columns().size())
            .reduce(0, (i, j) -> figures.count("_" + j) > figures.count("_" + i) ? j : i);
    Source source = columns().get(most);
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
}
