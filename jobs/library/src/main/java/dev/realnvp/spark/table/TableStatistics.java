package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The one row of an aggregation, by name; and the aggregates of both kinds of tables. */
public final class TableStatistics {
  /**
   * One more than the largest label that is accepted. A model holds weights for each class, so a
   * larger number is not a label but probably an id.
   */
  static final int MOST_CLASSES = 100_000;

  /** The number of all rows. */
  static final String ROWS = "rows";

  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final Row row;

  TableStatistics(Row row) {
    this.row = row;
  }

  /** 0 if there is no such figure. */
  public long count(String name) {
    return number(name).longValue();
  }

  /**
   * The number of all rows.
   *
   * @throws InvalidInputException if there are none
   */
  long rows(String name) {
    if (count(ROWS) == 0) {
      throw new InvalidInputException(name + " holds no rows");
    }
    return count(ROWS);
  }

  private Number number(String name) {
    Object value = List.of(row.schema().fieldNames()).contains(name) ? row.getAs(name) : null;
    return value == null ? 0 : (Number) value;
  }

  /** The number of rows that satisfy a condition. */
  public static Column countIf(Column condition) {
    return functions.count(functions.when(condition, 1));
  }

  /** The content of a row, of columns in that order, for {@link #hashes}. */
  public static Column hash(Column... columns) {
    return functions.xxhash64(columns);
  }

  /**
   * Aggregates for {@link #fingerprint}: the exclusive or of the 64-bit hashes, and the sums of
   * their halves, because an exclusive or does not see pairs of equal rows.
   *
   * @param hash a column: an expression would be computed for each of the three
   */
  public static Map<String, Column> hashes(Column condition, Column hash) {
    Column counted = functions.when(condition, hash);
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("hashXor", functions.bit_xor(counted));
    aggregates.put("hashLow", functions.sum(counted.bitwiseAND(0xFFFFFFL)));
    aggregates.put("hashHigh", functions.sum(functions.shiftrightunsigned(counted, 40)));
    return aggregates;
  }

  /** The fingerprint of the rows' content, independent of their order: 32 hex digits. */
  public String fingerprint(long rows) {
    String figures = rows + " " + hex("hashXor") + " " + hex("hashLow") + " " + hex("hashHigh");
    return DigestUtils.sha256Hex(figures).substring(0, 32);
  }

  private String hex(String hash) {
    return Long.toHexString(count(hash));
  }

  /** Aggregates for {@link #splits}. */
  public static Map<String, Column> splitCounts(Column condition, Column split) {
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("train", countIf(condition.and(split.equalTo(Split.TRAIN))));
    aggregates.put("test", countIf(condition.and(split.equalTo(Split.TEST))));
    aggregates.put("otherSplits", countIf(otherSplit(split)));
    return aggregates;
  }

  private static Column otherSplit(Column split) {
    return split.isNull().or(split.isin(Split.TRAIN, Split.TEST).unary_$bang());
  }

  /**
   * The rows of each split.
   *
   * @param rows the aggregated rows: only if there is another split, its name is queried, because
   *     Spark aggregates numbers much faster than strings
   * @throws InvalidInputException if a row's split is neither train nor test
   */
  public Map<String, Long> splits(String name, Dataset<Row> rows) {
    if (count("otherSplits") > 0) {
      Column split = functions.col("split");
      String other = rows.where(otherSplit(split)).agg(functions.max(split)).head().getString(0);
      throw new InvalidInputException(
          "Column 'split' of %s is %s in %s, expected 'train' or 'test'"
              .formatted(
                  name,
                  other == null ? "null" : "'" + other + "'",
                  Text.count(count("otherSplits"), "row")));
    }
    Map<String, Long> splits = new LinkedHashMap<>();
    splits.put(Split.TRAIN, count("train"));
    splits.put(Split.TEST, count("test"));
    return splits;
  }

  /** Aggregates for {@link #weights}, and {@code badWeights}, the rows with an invalid one. */
  static Map<String, Column> weightSums(Column condition, Column split, Column weight) {
    Column good = functions.coalesce(weight.geq(0).and(weight.lt(INFINITY)), functions.lit(false));
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("badWeights", countIf(functions.not(good)));
    for (String of : List.of(Split.TRAIN, Split.TEST)) {
      Column counted = condition.and(split.equalTo(of));
      aggregates.put(of + "Weight", ExactSums.sum(functions.when(counted, weight)));
    }
    return aggregates;
  }

  /** The sum of each split's weights. */
  Map<String, Double> weights() {
    return Map.of(
        Split.TRAIN, number("trainWeight").doubleValue(),
        Split.TEST, number("testWeight").doubleValue());
  }

  /**
   * Aggregates for {@link #classes}.
   *
   * @param labelled whether a row has a label
   */
  public static Map<String, Column> labelRange(Column condition, Column labelled, Column label) {
    Map<String, Column> aggregates = new LinkedHashMap<>();
    aggregates.put("labelled", countIf(condition.and(labelled)));
    aggregates.put("lowestLabel", functions.min(functions.when(condition, label)));
    aggregates.put("highestLabel", functions.max(functions.when(condition, label)));
    return aggregates;
  }

  /**
   * K, one more than the largest label; 0 if no row has one.
   *
   * @throws InvalidInputException if some rows have a label and some have not, or a label is
   *     negative or too large
   */
  public int classes(String name, String column, long rows) {
    if (count("labelled") == 0) {
      return 0;
    }
    if (count("labelled") < rows) {
      throw new InvalidInputException(
          "Column '%s' of %s is null or NaN in %d of %s: expected a label in all or in none"
              .formatted(column, name, rows - count("labelled"), Text.count(rows, "row")));
    }
    for (long label : new long[] {count("lowestLabel"), count("highestLabel")}) {
      if (label < 0 || label >= MOST_CLASSES) {
        throw new InvalidInputException(
            "Column '%s' of %s holds %d: labels are from 0 to %d"
                .formatted(column, name, label, MOST_CLASSES - 1));
      }
    }
    return (int) count("highestLabel") + 1;
  }
}
