package dev.realnvp.spark.table;

import dev.realnvp.flow.ExactSum;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** The values that rows have: of each feature their exact sum and their number. */
final class FeatureMeans implements Serializable {
  private ExactSum[] sums = {};

  /** How many values of each feature there are. */
  long[] counts = {};

  /** How many values are missing, NaN or infinite. */
  long missing;

  /**
   * Reads the rows once. In an aggregation of Spark SQL each value would be a row of its own.
   *
   * @param raw one column, arrays of floats
   */
  static FeatureMeans in(Dataset<Row> raw) {
    return raw.queryExecution()
        .toRdd()
        .toJavaRDD()
        .treeAggregate(
            new FeatureMeans(),
            (found, row) -> row.isNullAt(0) ? found : found.add(row.getArray(0)),
            FeatureMeans::add);
  }

  private FeatureMeans add(ArrayData values) {
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

  private FeatureMeans add(FeatureMeans more) {
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

  double mean(int feature) {
    return sums[feature].value() / counts[feature];
  }
}
