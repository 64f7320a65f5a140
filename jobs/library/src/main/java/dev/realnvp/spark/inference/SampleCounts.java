package dev.realnvp.spark.inference;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * How many samples there are of each class. Their ids are consecutive: those of class 0 come first,
 * then those of class 1, and so on.
 */
public final class SampleCounts implements Serializable {

  /** The first id of each class, and the number of all samples, {@code [K + 1]}. */
  private final long[] starts;

  private SampleCounts(long[] starts) {
    this.starts = starts;
  }

  /**
   * So many of each class, K of them.
   *
   * @throws IllegalArgumentException if there is no class, or a number is negative
   * @throws ArithmeticException if the sum is no long
   */
  public static SampleCounts of(long... counts) {
    if (counts.length == 0 || Arrays.stream(counts).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "counts: got %s, expected one or more of at least 0".formatted(Arrays.toString(counts)));
    }
    long[] starts = new long[counts.length + 1];
    for (int k = 0; k < counts.length; k++) {
      starts[k + 1] = Math.addExact(starts[k], counts[k]);
    }
    return new SampleCounts(starts);
  }

  public static SampleCounts same(long count, int classes) {
    long[] counts = new long[classes];
    Arrays.fill(counts, count);
    return of(counts);
  }

  /** K. */
  public int classes() {
    return starts.length - 1;
  }

  public long total() {
    return starts[classes()];
  }

  /** How many of one class. */
  public long count(int label) {
    return starts[label + 1] - starts[label];
  }

  /** The id of a class's first sample, if it has any. */
  public long start(int label) {
    return starts[label];
  }

  public int label(long id) {
    int at = Arrays.binarySearch(starts, id);
    if (at < 0) {
      return -at - 2;
    }
    // Classes without samples start where the next one does.
    while (starts[at + 1] == id) {
      at++;
    }
    return at;
  }

  /** The number of a sample in its class, from 0. */
  public long index(long id) {
    return id - starts[label(id)];
  }

  /**
   * The first samples of each class, as many of each as there can be, until there are so many of
   * all; all where there are no more.
   *
   * @param samples with the column {@code id}
   */
  public Dataset<Row> first(Dataset<Row> samples, int most) {
    long[] ofClass = new long[classes()];
    long taken = 0;
    for (long index = 0; taken < Math.min(most, total()); index++) {
      for (int k = 0; k < classes() && taken < most; k++) {
        if (index < count(k)) {
          ofClass[k]++;
          taken++;
        }
      }
    }
    UDF1<Long, Boolean> isFirst = id -> index(id) < ofClass[label(id)];
    return samples.where(functions.udf(isFirst, DataTypes.BooleanType).apply(samples.col("id")));
  }
}
