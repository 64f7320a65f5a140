package dev.realnvp.spark.table;

import dev.realnvp.flow.ExactSum;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.expressions.Aggregator;
import org.apache.spark.sql.functions;

/**
 * Sums and means of a column, like Spark's {@code sum} and {@code avg}, but exact. So the bits are
 * the same for any order and partition of the rows.
 */
public final class ExactSums {

  private ExactSums() {}

  /** The sum of a column of doubles, without its nulls; 0 without values. */
  public static Column sum(Column doubles) {
    return functions.udaf(new Sum(), Encoders.DOUBLE()).apply(doubles);
  }

  /** The mean of a column of doubles, without its nulls; null without values. */
  public static Column mean(Column doubles) {
    Column count = functions.count(doubles);
    return functions.when(count.gt(0), sum(doubles).divide(count));
  }

  private static final class Sum extends Aggregator<Double, ExactSum, Double> {

    @Override
    public ExactSum zero() {
      return new ExactSum();
    }

    @Override
    public ExactSum reduce(ExactSum sum, Double term) {
      if (term != null) {
        sum.add(term);
      }
      return sum;
    }

    @Override
    public ExactSum merge(ExactSum sum, ExactSum more) {
      sum.add(more);
      return sum;
    }

    @Override
    public Double finish(ExactSum sum) {
      return sum.value();
    }

    @Override
    public Encoder<ExactSum> bufferEncoder() {
      return Encoders.javaSerialization(ExactSum.class);
    }

    @Override
    public Encoder<Double> outputEncoder() {
      return Encoders.DOUBLE();
    }
  }
}
