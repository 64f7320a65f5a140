package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The range of most of a column's values: from the half-percent quantile to its opposite, but no
 * more than {@value #MOST_QUARTILES} interquartile ranges beyond the quartiles, because of values
 * of other orders of magnitude nothing else would be seen.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record ValueRange(double low, double high) {

  private static final double[] QUANTILES = {0.005, 0.25, 0.75, 0.995};

  private static final double MOST_QUARTILES = 10;

  /** The error of a quantile, as a share of the rows: good enough for a picture, in one pass. */
  private static final double ERROR = 0.001;

  /** The largest widening of a range to each side for another range, in units of its own width. */
  private static final double MOST_WIDENING = 3;

  /** Finds the range of a column; empty if it has no finite value. */
  public static Optional<ValueRange> of(Dataset<Row> rows, String column) {
    double[] found =
        rows.where(abs(col(column)).lt(Double.POSITIVE_INFINITY))
            .stat()
            .approxQuantile(column, QUANTILES, ERROR);
    if (found.length == 0) {
      return Optional.empty();
    }
    double most = MOST_QUARTILES * (found[2] - found[1]);
    return Optional.of(
        most == 0
            ? new ValueRange(found[0], found[3])
            : new ValueRange(
                Math.max(found[0], found[1] - most), Math.min(found[3], found[2] + most)));
  }

  /**
   * This range, widened to include another one, but not so far that little of this one can be seen.
   */
  public ValueRange widenedFor(ValueRange other) {
    double most = MOST_WIDENING * (high - low);
    return new ValueRange(
        Math.min(low, Math.max(other.low, low - most)),
        Math.max(high, Math.min(other.high, high + most)));
  }

  /** This range, or one of width 1 around it if all values are the same. */
  public ValueRange withWidth() {
    return high > low ? this : new ValueRange(low - 0.5, high + 0.5);
  }
}
