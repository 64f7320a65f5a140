package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of any table of vectors, converted to the columns of {@link Embeddings#SCHEMA}.
 *
 * @param label the column of the classes; empty if there are none
 * @param names of the classes, if they are strings
 * @param heldOut which rows of a table without a split belong to {@code test}; empty if it has one,
 *     or {@link #parted} was not called yet
 * @param survey of the rows, if anything of them had to be known
 */
record EmbeddingRows(
    TableInput input,
    EmbeddingQuery query,
    String label,
    LabelNames names,
    Optional<HoldOut> heldOut,
    TableInput.Survey survey) {

  /** The column that says whether a row has a label, named or not. */
  static final String LABELLED = "labelled";

  /** The column that says whether one of a row's ids is null. */
  static final String NAMELESS = "nameless";

  private static final String ID = "id";
  private static final String SPLIT = "split";
  private static final String LABEL = "label";

  /** An arbitrary constant: rows are held out by another hash than {@link EmbeddingTable}'s. */
  private static final long SALT = 0x27BB2EE687B0B0FDL;

  private static final double HELD_SHARE = 0.1;
  private static final double MOST_HELD = 0.25;
  private static final long HELD_ROWS = 200;
  private static final long FEWEST_HELD = 100;

  /**
   * Those of the input; a predicate is applied to them already. What else must be known of them is
   * found in one reading.
   *
   * @param names of the classes; empty for those that the table has
   */
  static EmbeddingRows of(
      TableInput input, EmbeddingQuery query, Optional<LabelNames> names, DataType... labelTypes) {
    String label = labelColumn(input, query, labelTypes);
    if (!label.isEmpty()) {
      input.require(label, labelTypes);
    }
    query.ids().forEach(input::require);
    query.hints().types().keySet().forEach(input::require);
    if (input.has(SPLIT)) {
      input.require(SPLIT, StringType);
    }
    if (!query.weight().isEmpty()) {
      input.requireNumbers(query.weight());
    }
    query.context().forEach(input::requireNumbers);
    query.passed().ifPresent(passed -> passed.keep().forEach(input::require));
    Map<String, Integer> strings = new LinkedHashMap<>();
    query
        .features()
        .unknown(input, others(input, query, label))
        .forEach(column -> strings.put(column, Features.MOST_CATEGORIES));
    if (names.isEmpty() && !label.isEmpty() && input.type(label).equals(StringType)) {
      strings.put(label, TableStatistics.MOST_CLASSES);
    }
    boolean counted = !input.has(SPLIT) && query.holdOut().isEmpty();
    TableInput.Survey survey =
        counted || !strings.isEmpty()
            ? input.survey(
                strings,
                query.features().kinds().isPresent()
                    ? Set.copyOf(query.features().unknown(input, others(input, query, label)))
                    : Set.of())
            : new TableInput.Survey(0, Map.of());
    return new EmbeddingRows(
        input,
        query,
        label,
        names.orElseGet(
            () ->
                new LabelNames(
                    survey.strings(label, input, TableStatistics.MOST_CLASSES, "labels"))),
        Optional.empty(),
        survey);
  }

  /**
   * The same rows with a split, if they have none: each reading of the table gives the same.
   *
   * @param copies whether there are many
   */
  EmbeddingRows parted(Features encoder, boolean copies) {
    if (input.has(SPLIT)) {
      return this;
    }
    Dataset<Row> rows = input.rows();
    double share = query.holdOut().map(HoldOut::share).orElseGet(() -> usualHoldOut(survey.rows()));
    Column[] ids = ids().stream().map(Schemas::column).toArray(Column[]::new);
    Column content = TableStatistics.hash(lit(SALT), encoder.raw(input));
    Column split = HoldOut.split(rows, copies, share, content, ids);
    return new EmbeddingRows(
        new TableInput(
            input.name(),
            rows.withColumn(SPLIT, split),
            input.skipping(),
            input.failure(),
            input.doubts()),
        query,
        label,
        names,
        Optional.of(new HoldOut(share, Optional.of(copies))),
        survey);
  }

  /**
   * A tenth; of fewer than 2,000 rows so much that 200 are held out, but at most a quarter. Of
   * fewer than 400 rows none: a quarter of them could not tell the strangest hundredth.
   */
  private static double usualHoldOut(long rows) {
    double held = Math.min(Math.max(HELD_SHARE * rows, HELD_ROWS), MOST_HELD * rows);
    return held < FEWEST_HELD ? 0 : held / rows;
  }

  /**
   * The column of the labels; empty if there is none. One that is not named counts if its type is
   * that of labels, and if it is not named as a feature, nor marks anomalies.
   */
  static String labelColumn(TableInput input, EmbeddingQuery query, DataType... labelTypes) {
    if (query.unlabelled()) {
      return "";
    }
    if (query.label().isEmpty()) {
      return input.has(LABEL)
              && List.of(labelTypes).contains(input.type(LABEL))
              && !query.features().named().contains(LABEL)
              && query.marks().stream().noneMatch(LABEL::equalsIgnoreCase)
          ? LABEL
          : "";
    }
    input.require(query.label());
    return query.label();
  }

  /** The columns that have another meaning than that of features. */
  private static Set<String> others(TableInput input, EmbeddingQuery query, String label) {
    Set<String> others = Schemas.names();
    others.addAll(query.context());
    others.addAll(List.of(label, query.label(), query.weight()));
    for (String column : query.marks()) {
      if (others.contains(column) || query.features().named().contains(column)) {
        throw new InvalidInputException(
            "Column '%s' of %s marks anomalies, and is named as a feature, context, label or weight too: expected one of these"
                .formatted(column, input.name()));
      }
    }
    others.addAll(List.of(ID, SPLIT, LABEL));
    others.addAll(query.ids());
    others.addAll(query.marks());
    others.addAll(Embeddings.ERRORS);
    return others;
  }

  /** The encoder of the features, which has learnt all that the query asks for but means. */
  Features encoder() {
    Features encoder = query.features().learn(input, others(input, query, label), survey);
    requireOneUse(encoder, SPLIT, "split");
    requireOneUse(encoder, label, "label");
    query.context().forEach(column -> requireOneUse(encoder, column, "context"));
    return encoder;
  }

  /** The encoder with the means of the train rows, if the query asks for them. */
  Features imputing(Features encoder) {
    if (!encoder.imputes()) {
      return encoder;
    }
    return encoder.withMeans(
        input, input.rows().where(col(SPLIT).equalTo(Split.TRAIN)), encoder.raw(input));
  }

  /**
   * Features that tell what a row is conditioned on, or whether it is held out, are no features.
   */
  private void requireOneUse(Features encoder, String column, String use) {
    if (encoder.named().contains(column)) {
      throw new InvalidInputException(
          "Column '%s' of %s is the %s and a feature, expected one of them"
              .formatted(column, input.name(), use));
    }
  }

  /** Like the schema, but with unchecked labels of up to 64 bits, and columns of what to check. */
  Dataset<Row> normalised(Features encoder) {
    Column raw = encoder.raw(input);
    List<Column> columns = new ArrayList<>();
    columns.add(identified() ? wholeId() : contentId(raw));
    columns.add(col(SPLIT));
    columns.add(labels().cast(LongType).as(LABEL));
    columns.add(vector(encoder.values(input)).as(Embeddings.COLUMN));
    for (String error : Embeddings.ERRORS) {
      if (input.has(error)) {
        input.require(error, DoubleType, FloatType);
        columns.add(col(error).cast(DoubleType).as(error));
      }
    }
    query.passed().ifPresent(passed -> columns.add(passed(passed, encoder).as(Embeddings.PASSED)));
    columns.add((label.isEmpty() ? lit(false) : Schemas.column(label).isNotNull()).as(LABELLED));
    columns.add(
        ids().stream()
            .map(id -> Schemas.column(id).isNull())
            .reduce(lit(false), Column::or)
            .as(NAMELESS));
    if (query.weight().isEmpty()) {
      return input.rows().select(columns.toArray(Column[]::new));
    }
    columns.add(Schemas.column(query.weight()).cast(DoubleType).as(Embeddings.WEIGHT));
    return input
        .rows()
        .select(columns.toArray(Column[]::new))
        .where(coalesce(col(Embeddings.WEIGHT).notEqual(0), lit(true)));
  }

  /** The columns that name a row; none if it is known by its columns alone. */
  private List<String> ids() {
    return query.ids().isEmpty() && input.has(ID) ? List.of(ID) : query.ids();
  }

  /** Whether rows have whole numbers as ids. */
  boolean identified() {
    return ids().equals(List.of(ID)) && input.isOf(ID, Embeddings.WHOLE);
  }

  /** The same at each reading, and for any files. */
  private Column contentId(Column raw) {
    List<Column> held = new ArrayList<>(List.of(labels(), raw));
    ids().forEach(id -> held.add(Schemas.column(id)));
    return TableStatistics.hash(held.toArray(Column[]::new)).as(ID);
  }

  private static Column wholeId() {
    return col(ID).cast(LongType).as(ID);
  }

  private Column labels() {
    if (label.isEmpty()) {
      return lit(null).cast(LongType);
    }
    Column column = Schemas.column(label);
    return input.type(label).equals(StringType) ? names.label(column) : column;
  }

  /** The features, and behind them the numbers to condition on. */
  private Column vector(Column features) {
    if (query.context().isEmpty()) {
      return features;
    }
    Column[] numbers =
        query.context().stream()
            .map(name -> Schemas.column(name).cast(FloatType))
            .toArray(Column[]::new);
    return functions.concat(features, functions.array(numbers));
  }

  /**
   * What a row is known by: its ids, split and label, and of the table's other columns those that
   * are to be kept.
   *
   * @throws InvalidInputException if two of them have the same name
   */
  private Column passed(EmbeddingQuery.Passed passed, Features encoder) {
    Set<String> read = Schemas.names();
    read.addAll(ids());
    read.add(SPLIT);
    if (label.equals(LABEL)) {
      read.add(label);
    }
    if (passed.keep().isEmpty()) {
      read.addAll(Embeddings.ERRORS);
      read.addAll(passed.features() ? List.of() : encoder.sources());
    }
    List<String> all =
        passed.keep().isEmpty() ? List.of(input.rows().schema().fieldNames()) : passed.keep();
    List<String> others = all.stream().filter(name -> !read.contains(name)).toList();
    List<Column> columns = new ArrayList<>();
    List<String> taken = new ArrayList<>(ids());
    for (String id : ids()) {
      columns.add(id.equals(ID) && identified() ? described(wholeId(), ID) : Schemas.column(id));
    }
    columns.add(described(col(SPLIT), SPLIT));
    taken.add(SPLIT);
    // A column label that is no class stays what it is.
    if (!label.isEmpty()
        || Schemas.matching(input.rows().schema(), LABEL).stream().noneMatch(others::contains)) {
      columns.add(described(labels().cast(IntegerType), LABEL));
      taken.add(LABEL);
    }
    others.forEach(name -> columns.add(Schemas.column(name)));
    taken.addAll(others);
    Schemas.requireDistinct(taken, input.name());
    return struct(columns.toArray(Column[]::new));
  }

  private static Column described(Column column, String name) {
    return column.as(name, Embeddings.SCHEMA.apply(name).metadata());
  }

  /**
   * Neither embedding nor value is missing, NaN or infinite. For an array with a null, SQL does not
   * know whether it contains NaN: the result is null. A flow that knows kinds of features takes
   * missing ones, but no missing numbers to condition on behind them.
   */
  static Column valid(Features encoder) {
    Column all = col(Embeddings.COLUMN);
    int may = encoder.learnt().kinds() ? encoder.learnt().columns().size() : 0;
    Column values = may == 0 ? all : slice(all, lit(may + 1), size(all));
    Column finite =
        array_max(values)
            .lt(lit(Float.POSITIVE_INFINITY))
            .and(array_min(values).gt(lit(Float.NEGATIVE_INFINITY)));
    return coalesce(
        not(array_contains(values, lit(Float.NaN))).and(coalesce(finite, lit(true))), lit(false));
  }

  /** The content of the normalised rows. Ids that were assigned here follow from it. */
  Column hash(Dataset<Row> rows, Features encoder) {
    List<Column> content = new ArrayList<>();
    if (identified()) {
      content.add(col(ID));
    }
    content.addAll(List.of(col(SPLIT), col(LABEL), col(Embeddings.COLUMN)));
    if (!query.weight().isEmpty()) {
      content.add(col(Embeddings.WEIGHT));
    }
    if (query.passed().isPresent()) {
      Set<String> known = Schemas.names();
      known.add(SPLIT);
      known.addAll(encoder.sources());
      if (identified()) {
        known.add(ID);
      }
      if (!label.isEmpty()) {
        known.add(LABEL);
      }
      StructType passed = (StructType) rows.schema().apply(Embeddings.PASSED).dataType();
      for (StructField field : passed.fields()) {
        if (!known.contains(field.name())) {
          Column value = col(Embeddings.PASSED).getField(field.name());
          content.add(HoldOut.hashable(value, field.dataType()));
        }
      }
    }
    return TableStatistics.hash(content.toArray(Column[]::new));
  }
}
