package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import java.util.stream.LongStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A histogram of values. NaN is not counted.
 *
 * @param low the first bin's lower end
 * @param high the last bin's upper end
 * @param counts of each bin, from low to high; all bins have the same width
 * @param below the number of values below the first bin
 * @param above the number of values above the last bin
 */
public record Histogram(double low, double high, long[] counts, long below, long above) {

  public static Histogram of(float[] values, double low, double high, int bins) {
    long[] counts = new long[bins];
    long below = 0;
    long above = 0;
    for (float value : values) {
      if (value < low) {
        below++;
      } else if (value > high) {
        above++;
      } else if (!Float.isNaN(value)) {
        int bin = (int) Math.floor((value - low) / (high - low) * bins);
        counts[Math.min(bin, bins - 1)]++;
      }
    }
    return new Histogram(low, high, counts, below, above);
  }

  /** Counts a column's values, on the executors; null is not counted. */
  public static Histogram of(Dataset<Row> rows, String column, double low, double high, int bins) {
    Column value = col(column).cast("double");
    Column bin = floor(value.minus(low).divide(high - low).multiply(bins));
    Column place =
        when(value.lt(low), -1)
            .when(value.gt(high), bins)
            .otherwise(least(bin, lit((long) bins - 1)))
            .cast("int");
    long[] counts = new long[bins];
    long below = 0;
    long above = 0;
    for (Row counted :
        rows.where(value.isNotNull().and(not(isnan(value))))
            .groupBy(place)
            .count()
            .collectAsList()) {
      int at = counted.getInt(0);
      if (at < 0) {
        below = counted.getLong(1);
      } else if (at == bins) {
        above = counted.getLong(1);
      } else {
        counts[at] = counted.getLong(1);
      }
    }
    return new Histogram(low, high, counts, below, above);
  }

  /** The number of values, including those outside of the bins. */
  public long total() {
    return below + above + LongStream.of(counts).sum();
  }

  /** A bin's lower end; for the number of bins, the upper end of the last bin. */
  public double edge(int bin) {
    return low + (high - low) * bin / counts.length;
  }

  /** The share of all values in a bin, divided by its width. */
  public double density(int bin) {
    return counts[bin] / (total() * (high - low) / counts.length);
  }
}
