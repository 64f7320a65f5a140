package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.FeatureColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOCase;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What an estimator trains on.
 *
 * @param columns of a data set, as {@link Embeddings} takes them
 * @param query what they are
 * @param context C, how many values at the end of each vector are its context; 0 for none, or a
 *     class
 */
record TrainingRows(Dataset<Row> columns, EmbeddingQuery query, int context) {

  /** What {@link Embeddings} reads wherever it is there. */
  private static final List<String> RESERVED =
      Stream.concat(Stream.of("id", "split", "label"), Embeddings.ERRORS.stream()).toList();

  private static final List<String> RESERVED_FOR_CLASSES =
      RESERVED.stream().filter(name -> !name.equals("label")).toList();

  /** Those of a data set, whose schema was checked. */
  static TrainingRows of(RealNVP stage, Dataset<?> data) {
    StructType schema = data.schema();
    String contextCol = stage.getContextCol();
    boolean numbers = !contextCol.isEmpty() && Columns.holdsNumbers(schema, contextCol);
    boolean classes = !numbers && !contextCol.isEmpty();
    Columns.requireOther(stage.getFeaturesCol(), "featuresCol", RESERVED);
    Columns.requireOther(stage.getWeightCol(), "weightCol", RESERVED);
    Columns.requireOther(contextCol, "contextCol", classes ? RESERVED_FOR_CLASSES : RESERVED);
    String vector = numbers ? stage.getFeaturesCol() + ", " + contextCol : stage.getFeaturesCol();
    List<Column> columns = new ArrayList<>();
    Features features = features(stage);
    if (features.patterns().isEmpty()) {
      Column array = Schemas.array(schema, stage.getFeaturesCol());
      columns.add((numbers ? concat(array, Schemas.array(schema, contextCol)) : array).as(vector));
    } else {
      Set<String> others = Schemas.names();
      others.addAll(RESERVED);
      others.addAll(List.of(contextCol, stage.getWeightCol(), stage.getValidationIndicatorCol()));
      Stream.of(schema.fieldNames())
          .filter(name -> !others.contains(name))
          .filter(
              name ->
                  features.named().stream()
                      .anyMatch(of -> FilenameUtils.wildcardMatch(name, of, IOCase.INSENSITIVE)))
          .map(Schemas::column)
          .forEach(columns::add);
    }
    if (classes) {
      columns.add(Columns.labels(data, contextCol).as(contextCol));
    }
    if (!stage.getWeightCol().isEmpty()) {
      columns.add(Schemas.column(stage.getWeightCol()));
    }
    if (!stage.getValidationIndicatorCol().isEmpty()) {
      Column validates = Schemas.column(stage.getValidationIndicatorCol());
      columns.add(when(validates, Split.TEST).otherwise(lit(Split.TRAIN)).as("split"));
    }
    EmbeddingQuery query =
        EmbeddingQuery.of(
            features.patterns().isEmpty() ? Features.of(vector) : features,
            numbers ? "" : contextCol,
            stage.getWeightCol(),
            "",
            stage.getHandleInvalid().equals("skip") ? InvalidRows.SKIP : InvalidRows.REFUSE);
    return new TrainingRows(
        data.select(columns.toArray(Column[]::new)), query, numbers ? width(data, contextCol) : 0);
  }

  private static Features features(RealNVP stage) {
    List<String> names =
        Stream.of(stage.getFeaturesCols().split(","))
            .map(String::trim)
            .filter(name -> !name.isEmpty())
            .toList();
    names.forEach(name -> Columns.requireOther(name, "featuresCols", RESERVED));
    return new Features(
        "", names, false, KindChoice.wishes(stage.getColumnKinds()), FeatureColumns.NONE);
  }

  /**
   * The table that they are.
   *
   * @throws InvalidInputException also if there should be classes, and no row has one
   */
  EmbeddingTable table() {
    EmbeddingTable table =
        Embeddings.of(columns, query, "set handleInvalid to skip to leave them out");
    if (!query.label().isEmpty() && !table.labelled()) {
      throw allMissing(query.label(), " or NaN");
    }
    return table;
  }

  private static InvalidInputException allMissing(String column, String orElse) {
    return new InvalidInputException(
        "Column '%s' for contextCol is null%s in all rows".formatted(column, orElse));
  }

  /** How many values each row of a column has. */
  private static int width(Dataset<?> data, String column) {
    Column array = Schemas.array(data.schema(), column);
    Column values = when(array.isNotNull(), size(array));
    Row sizes = data.toDF().agg(min(values), max(values)).first();
    if (sizes.isNullAt(0)) {
      throw allMissing(column, "");
    }
    if (sizes.getInt(0) != sizes.getInt(1) || sizes.getInt(0) == 0) {
      throw new InvalidInputException(
          "Column '%s' for contextCol holds rows of %d to %d values, expected as many in each, and at least 1"
              .formatted(column, sizes.getInt(0), sizes.getInt(1)));
    }
    return sizes.getInt(0);
  }
}
