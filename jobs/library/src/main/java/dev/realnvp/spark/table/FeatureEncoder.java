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

import dev.realnvp.flow.ExactSum;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.FeatureColumns;
import dev.realnvp.stored.FeatureColumns.Source;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;

/**
 * Turns the columns of a row into its features, an array of floats; see {@link FeatureColumns}.
 *
 * @param vector the column of arrays or vectors, if there are no columns
 * @param learnt the columns, and the means in place of what is missing
 */
public record FeatureEncoder(String vector, FeatureColumns learnt) implements Features {

  private List<Source> columns() {
    return learnt.columns();
  }

  @Override
  public String name() {
    return columns().isEmpty()
        ? vector
        : columns().size() <= 3
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

  @Override
  public Set<String> named() {
    Set<String> named = Schemas.names();
    named.addAll(sources());
    return named;
  }

  @Override
  public List<String> featureNames() {
    return learnt.featureNames();
  }

  /** False: it has learnt what it needs. */
  @Override
  public boolean imputes() {
    return false;
  }

  @Override
  public FeatureEncoder encoder(TableInput input, Set<String> others, TableInput.Survey survey) {
    if (columns().isEmpty()) {
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
                            ? "numbers, booleans or strings"
                            : "strings, as in the training"));
      }
    }
    return this;
  }

  /** The features as they are in the row, an array of floats; missing values are null. */
  Column raw(TableInput input) {
    if (columns().isEmpty()) {
      Column array = Schemas.array(input.rows().schema(), vector);
      return input.type(vector).equals(SQLDataTypes.VectorType())
          ? array
          : array.cast(createArrayType(FloatType, true));
    }
    return concat(columns().stream().map(FeatureEncoder::part).toArray(Column[]::new));
  }

  private static Column part(Source source) {
    Column value = Schemas.column(source.name());
    if (source.categories().isEmpty()) {
      return array(value.cast(FloatType));
    }
    Column place = place(source.categories(), value);
    return transform(
        lit(IntStream.rangeClosed(1, source.categories().size()).toArray()),
        k -> when(place.gt(0), place.equalTo(k).cast(FloatType)));
  }

  /** From 1, whatever the value's Unicode form; 0 for none of them. */
  private static Column place(List<String> categories, Column value) {
    String[] forms = categories.stream().map(FeatureColumns::normal).toArray(String[]::new);
    boolean ascii = String.join("", forms).chars().allMatch(c -> c < 0x80);
    UDF1<String, String> form = FeatureColumns::normal;
    return array_position(lit(forms), ascii ? value : udf(form, StringType).apply(value));
  }

  @Override
  public Map<String, Column> decoded(Column features) {
    Map<String, Column> decoded = new LinkedHashMap<>();
    int at = 1;
    for (Source source : columns()) {
      int size = source.size();
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
  FeatureEncoder withMeans(TableInput input, Dataset<Row> rows, Column raw) {
    Found found = input.reading(() -> Found.in(rows.select(raw)));
    List<Double> means = new ArrayList<>();
    for (int j = 0; j < found.sums.length; j++) {
      if (found.counts[j] == 0) {
        throw new InvalidInputException(
            "Feature %s of %s is missing, NaN or infinite in all train rows"
                .formatted(
                    columns().isEmpty()
                        ? "%d of column '%s'".formatted(j, vector)
                        : "'" + featureNames().get(j) + "'",
                    input.name()));
      }
      means.add(found.sums[j].value() / found.counts[j]);
    }
    return new FeatureEncoder(vector, new FeatureColumns(columns(), means, found.missing));
  }

  /** The values that there are: of each feature their exact sum and their number. */
  private static final class Found implements Serializable {
    private ExactSum[] sums = {};
    private long[] counts = {};
    private long missing;

    /**
     * Reads the rows once. In an aggregation of Spark SQL each value would be a row of its own.
     *
     * @param raw one column, arrays of floats
     */
    static Found in(Dataset<Row> raw) {
      return raw.queryExecution()
          .toRdd()
          .toJavaRDD()
          .treeAggregate(
              new Found(),
              (found, row) -> row.isNullAt(0) ? found : found.add(row.getArray(0)),
              Found::add);
    }

    private Found add(ArrayData values) {
      grow(values.numElements());
      for (int j = 0; j < values.numElements(); j++) {
        float value = values.isNullAt(j) ? Float.NaN : values.getFloat(j);
        if (Float.isFinite(value)) {
          sums[j].add(value);
          counts[j]++;
        } else {
          missing++;
        }
      }
      return this;
    }

    private Found add(Found more) {
      grow(more.sums.length);
      for (int j = 0; j < more.sums.length; j++) {
        sums[j].add(more.sums[j]);
        counts[j] += more.counts[j];
      }
      missing += more.missing;
      return this;
    }

    private void grow(int features) {
      int before = sums.length;
      if (features > before) {
        sums = Arrays.copyOf(sums, features);
        Arrays.setAll(sums, j -> j < before ? sums[j] : new ExactSum());
        counts = Arrays.copyOf(counts, features);
      }
    }
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
