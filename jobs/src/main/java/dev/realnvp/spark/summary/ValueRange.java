package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Where most of a column's values lie.
 *
 * @param low all but about half a percent of them are higher
 * @param high all but about half a percent are lower
 */
public record ValueRange(double low, double high) {

  private static final double[] QUANTILES = {0.005, 0.995};

  /** Of a quantile, as a share of the rows: enough for a picture, and one pass. */
  private static final double ERROR = 0.001;

  /** How many times its own width a range is widened to each side, at most, for others. */
  private static final double MOST_WIDENING = 3;

  /** Finds a column's; empty where it has no finite value. */
  public static Optional<ValueRange> of(Dataset<Row> rows, String column) {
    double[] found =
        rows.where(abs(col(column)).lt(Double.POSITIVE_INFINITY))
            .stat()
            .approxQuantile(column, QUANTILES, ERROR);
    return found.length == 0 ? Optional.empty() : Optional.of(new ValueRange(found[0], found[1]));
  }

  /** This one, widened for another; but not so far that little would be seen of this one. */
  public ValueRange widenedFor(ValueRange other) {
    double most = MOST_WIDENING * (high - low);
    return new ValueRange(
        Math.min(low, Math.max(other.low, low - most)),
        Math.max(high, Math.min(other.high, high + most)));
  }

  /** This one, or one of width 1 around it where all values are the same. */
  public ValueRange withWidth() {
    return high > low ? this : new ValueRange(low - 0.5, high + 0.5);
  }
}
