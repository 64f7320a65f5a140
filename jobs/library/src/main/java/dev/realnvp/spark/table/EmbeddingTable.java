package dev.realnvp.spark.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A checked table of embeddings.
 *
 * @param rows of {@link Embeddings#SCHEMA}, not cached; every value finite. With weights there is a
 *     last column {@value Embeddings#WEIGHT}, double, above 0; before it those of {@link
 *     Embeddings#ERRORS} that the table has, finite
 * @param name of its source, in messages
 * @param count the number of rows
 * @param features D, the values per embedding
 * @param classes K: labels are from 0 to K - 1; 0 without labels, and then the column is null
 * @param names of the classes, if labels are strings
 * @param splits the number of rows of each of {@code train} and {@code test}, including zero
 * @param weights the sum of each split's weights; empty without weights
 * @param skipped the number of invalid rows that were left out
 * @param fingerprint of the content, independent of the order of the rows: 32 hex digits
 * @param seen the same of splits, labels and vectors alone, which scores and figures follow from
 * @param identified whether the ids are the table's own whole numbers; otherwise they follow from
 *     what a row holds
 * @param encoder of the features
 * @param heldOut which rows were held out; empty if the table has splits of its own
 */
public record EmbeddingTable(
    Dataset<Row> rows,
    String name,
    long count,
    int features,
    int classes,
    LabelNames names,
    Map<String, Long> splits,
    Map<String, Double> weights,
    long skipped,
    String fingerprint,
    String seen,
    boolean identified,
    Features encoder,
    Optional<HoldOut> heldOut) {

  /** The side of a row while a sample is drawn. */
  private static final String SIDE = "_side";

  /** Whether the rows have labels: all of them, or none. */
  public boolean labelled() {
    return classes > 0;
  }

  /** Those of {@link Embeddings#ERRORS} that each row has. */
  public List<String> errors() {
    return Embeddings.ERRORS.stream().filter(List.of(rows.columns())::contains).toList();
  }

  /**
   * The columns that distinguish the rows, for any files of the table: not ids that were assigned
   * here.
   */
  public Column[] content() {
    return new Column[] {
      functions.col(identified ? "id" : "label"), functions.col(Embeddings.COLUMN)
    };
  }

  /**
   * What a row is called: its ids, several with commas between; without any the row itself, as
   * JSON.
   *
   * @param ids the columns of the ids, which the rows keep
   */
  public static Column name(List<String> ids) {
    Column kept = functions.col(Embeddings.PASSED);
    Column[] texts =
        ids.stream().map(id -> kept.getField(id).cast("string")).toArray(Column[]::new);
    return texts.length == 0 ? functions.to_json(kept) : functions.concat_ws(", ", texts);
  }

  /** The rows of one split; may be empty. Weights are divided by their mean over the split. */
  public Dataset<Row> split(String split) {
    return weighed().where(functions.col("split").equalTo(split));
  }

  /** All rows. Weights are divided by their mean over the row's split. */
  public Dataset<Row> weighed() {
    if (weights.isEmpty()) {
      return rows;
    }
    Column test = functions.col("split").equalTo(Split.TEST);
    Column mean = functions.when(test, mean(Split.TEST)).otherwise(mean(Split.TRAIN));
    return rows.withColumn(Embeddings.WEIGHT, functions.col(Embeddings.WEIGHT).divide(mean));
  }

  private double mean(String split) {
    return weights.get(split) / splits.get(split);
  }

  /**
   * The rows that satisfy a condition, counted in one pass; without the columns that they keep of
   * their table, and without weights.
   *
   * @param condition on these columns
   * @param words of it, for messages
   */
  public EmbeddingTable where(Column condition, String words) {
    Dataset<Row> some = rows.where(condition).drop(Embeddings.PASSED, Embeddings.WEIGHT);
    Map<String, Long> counts = new LinkedHashMap<>(Map.of(Split.TRAIN, 0L, Split.TEST, 0L));
    for (Row row : some.groupBy("split").count().collectAsList()) {
      counts.put(row.getString(0), row.getLong(1));
    }
    long count = counts.get(Split.TRAIN) + counts.get(Split.TEST);
    return part(some, name + " where " + words, count, counts, Map.of());
  }

  private EmbeddingTable part(
      Dataset<Row> rows,
      String name,
      long count,
      Map<String, Long> splits,
      Map<String, Double> sums) {
    return new EmbeddingTable(
        rows,
        name,
        count,
        features,
        classes,
        names,
        splits,
        sums,
        skipped,
        fingerprint,
        seen,
        identified,
        encoder,
        heldOut);
  }

  /**
   * The train split alone. About the given share of it becomes the test split of the result, as
   * {@link HoldOut} says.
   *
   * @param share at least 0 and below 1
   */
  public EmbeddingTable holdOut(double share) {
    return holdOut(share, false);
  }

  private EmbeddingTable holdOut(double share, boolean copies) {
    Dataset<Row> train = rows.where(functions.col("split").equalTo(Split.TRAIN));
    Column hash = TableStatistics.hash(functions.col("label"), functions.col(Embeddings.COLUMN));
    Column[] ids = identified ? new Column[] {functions.col("id")} : new Column[0];
    Dataset<Row> parted = train.withColumn("split", HoldOut.split(train, copies, share, hash, ids));
    Column test = functions.col("split").equalTo(Split.TEST);
    Column weight = weights.isEmpty() ? functions.lit(1.0) : functions.col(Embeddings.WEIGHT);
    Row held =
        parted
            .agg(
                TableStatistics.countIf(test),
                ExactSums.sum(functions.when(test, weight)),
                HoldOut.distinct(hash))
            .first();
    long all = splits.get(Split.TRAIN);
    if (!copies && HoldOut.hasManyCopies(all, held.getLong(2), held.getLong(0), share)) {
      return holdOut(share, true);
    }
    Map<String, Double> sums = new LinkedHashMap<>();
    if (!weights.isEmpty()) {
      sums.put(Split.TRAIN, weights.get(Split.TRAIN) - held.getDouble(1));
      sums.put(Split.TEST, held.getDouble(1));
    }
    Map<String, Long> counts =
        Map.of(Split.TRAIN, all - held.getLong(0), Split.TEST, held.getLong(0));
    return part(parted, name, all, counts, sums);
  }

  /**
   * About the given share of each split's rows, by content, seed and nothing else, in one pass.
   * Which rows are drawn is independent of which are held out.
   *
   * @param train above 0 and at most 1
   * @param test likewise
   */
  public EmbeddingTable sample(double train, double test, long seed) {
    return sample(train, test, seed, heldOut.flatMap(HoldOut::copies).orElse(false));
  }

  private EmbeddingTable sample(double train, double test, long seed, boolean copies) {
    Column split = functions.col("split");
    Column hash =
        TableStatistics.hash(
            functions.lit(seed), split, functions.col("label"), functions.col(Embeddings.COLUMN));
    Column[] ids = identified ? new Column[] {functions.col("id")} : new Column[0];
    Column isTest = split.equalTo(Split.TEST);
    Column left =
        functions
            .when(isTest, HoldOut.split(rows, copies, 1 - test, hash, ids))
            .otherwise(HoldOut.split(rows, copies, 1 - train, hash, ids));
    // Among copies the side of a row is a window function, which no condition may hold.
    Dataset<Row> drawn =
        rows.withColumn(SIDE, left).where(functions.col(SIDE).equalTo(Split.TRAIN)).drop(SIDE);
    Column weight = weights.isEmpty() ? functions.lit(1.0) : functions.col(Embeddings.WEIGHT);
    Row kept =
        drawn
            .agg(
                functions.count("*"),
                TableStatistics.countIf(isTest),
                ExactSums.sum(weight),
                ExactSums.sum(functions.when(isTest, weight)),
                HoldOut.distinct(hash))
            .first();
    long held = kept.getLong(1);
    long learnt = kept.getLong(0) - held;
    long all = splits.get(Split.TRAIN);
    boolean equal = HoldOut.hasManyCopies(kept.getLong(0), kept.getLong(4), kept.getLong(0), 1);
    if (!copies && (equal || HoldOut.hasManyCopies(all, all, learnt, train))) {
      return sample(train, test, seed, true);
    }
    Map<String, Double> sums = new LinkedHashMap<>();
    if (!weights.isEmpty()) {
      sums.put(Split.TRAIN, kept.getDouble(2) - kept.getDouble(3));
      sums.put(Split.TEST, kept.getDouble(3));
    }
    return part(drawn, name, kept.getLong(0), Map.of(Split.TRAIN, learnt, Split.TEST, held), sums);
  }
}
