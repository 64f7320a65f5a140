package dev.realnvp.spark.ml;

import dev.realnvp.spark.table.ExactSums;
import dev.realnvp.spark.table.Schemas;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * The mean log-likelihood of a data set's rows, in nats, by which {@code CrossValidator} and {@code
 * TrainValidationSplit} choose: greater is better.
 */
public final class LogLikelihoodEvaluator extends Evaluator
    implements EvaluatorColumns<LogLikelihoodEvaluator>, DefaultParamsWritable {

  private final String uid;

  public LogLikelihoodEvaluator() {
    this(Identifiable.randomUID("logLikelihood"));
  }

  public LogLikelihoodEvaluator(String uid) {
    this.uid = uid;
    Parameters.setDefaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  /**
   * The mean; negative infinity where a row has no finite one: a model that cannot judge some rows
   * is no better for that.
   */
  @Override
  public double evaluate(Dataset<?> data) {
    Columns.require(data.schema(), getLogProbCol(), "logProbCol", DataTypes.DoubleType);
    Column logProb = Schemas.column(getLogProbCol());
    Row found =
        data.toDF()
            .agg(
                ExactSums.mean(logProb),
                functions.count(functions.lit(1)),
                functions.count(logProb))
            .first();
    return found.isNullAt(0)
            || !Double.isFinite(found.getDouble(0))
            || found.getLong(1) != found.getLong(2)
        ? Double.NEGATIVE_INFINITY
        : found.getDouble(0);
  }

  @Override
  public LogLikelihoodEvaluator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads an evaluator that {@code write} saved. */
  public static MLReader<LogLikelihoodEvaluator> read() {
    return new DefaultParamsReader<>();
  }

  public static LogLikelihoodEvaluator load(String path) {
    return read().load(path);
  }
}
