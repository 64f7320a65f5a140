package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.text.TextHints;
import dev.realnvp.stored.FeatureColumns;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOCase;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * The columns and rows of a table to read as embeddings.
 *
 * @param features the vectors, or the columns that make them
 * @param context the columns of numbers that stand behind the features of each row; may be none
 * @param ids the columns, of any type, that name a row; none for {@code id} where there is one
 * @param label the column of the classes; empty for {@code label} where it can be one
 * @param unlabelled whether there are no classes, whatever the table has
 * @param weight the column of the rows' weights; empty where all count the same
 * @param marks the columns that mark anomalies, and so are no feature, context, label or weight
 * @param where a predicate of Spark SQL on the table's columns; empty for all rows
 * @param invalid what to do with rows whose embedding is missing, or holds a missing, NaN or
 *     infinite value
 * @param holdOut which rows of a table without a split belong to {@code test}; empty for what is
 *     usual for as many rows
 * @param passed the other columns that rows keep; empty for none
 * @param hints what is known of columns in text files
 */
public record EmbeddingQuery(
    Features features,
    List<String> context,
    List<String> ids,
    String label,
    boolean unlabelled,
    String weight,
    List<String> marks,
    String where,
    InvalidRows invalid,
    Optional<HoldOut> holdOut,
    Optional<Passed> passed,
    TextHints hints) {

  /**
   * Which columns of a table its rows keep.
   *
   * @param keep their names; empty for all
   * @param features whether, of all, those of the features are kept too
   */
  public record Passed(List<String> keep, boolean features) {

    public Passed {
      keep = List.copyOf(keep);
    }
  }

  public EmbeddingQuery {
    context = List.copyOf(context);
    ids = List.copyOf(ids);
    marks = List.copyOf(marks);
  }

  /** Whether a column of this name may be read, beside those of the predicate. */
  private boolean mayRead(String column) {
    List<String> single = List.of("id", "split", "label", label, weight, features.name());
    List<String> kept = passed.map(Passed::keep).orElse(List.of());
    return passed.isPresent() && kept.isEmpty()
        || Stream.of(kept, ids, context, features.named(), Embeddings.ERRORS, single)
            .flatMap(Collection::stream)
            .anyMatch(name -> FilenameUtils.wildcardMatch(column, name, IOCase.INSENSITIVE));
  }

  /**
   * Opens the table to ask. Of text files, columns have the types that they had in a training.
   *
   * @param names of the classes; empty if the table tells them
   */
  TableInput open(SparkSession spark, String table, LabelNames names) {
    Map<String, DataType> learnt = new HashMap<>();
    for (FeatureColumns.Source source : features.learnt().columns()) {
      learnt.put(
          source.name(),
          source.truth()
              ? DataTypes.BooleanType
              : source.categories().isEmpty() ? TextHints.NUMBER : DataTypes.StringType);
    }
    if (!names.isEmpty()) {
      learnt.put(label.isEmpty() ? "label" : label, DataTypes.StringType);
    }
    return Tables.open(spark, table, where, this::mayRead, hints.or(learnt));
  }

  /** How messages call the vectors. */
  String vector() {
    return context.isEmpty()
        ? features.name()
        : features.name() + ", " + String.join(", ", context);
  }

  /** All rows of a column of vectors, with their labels if there are any, without weights. */
  public static EmbeddingQuery of(String features, InvalidRows invalid) {
    return of(Features.of(features), "", "", "", invalid);
  }

  /** Rows of which none are held out. */
  public static EmbeddingQuery of(
      Features features, String label, String weight, String where, InvalidRows invalid) {
    return new EmbeddingQuery(
        features,
        List.of(),
        List.of(),
        label,
        false,
        weight,
        List.of(),
        where,
        invalid,
        Optional.of(new HoldOut(0, Optional.empty())),
        Optional.empty(),
        TextHints.NONE);
  }
}
