package dev.realnvp.spark.ml;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassScores;
import dev.realnvp.flow.FlowProgram;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.ml.FlowOutputs.Kind;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.Distribution;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;

/** Adds a flow's columns to rows, whose last column has the features and is dropped. */
final class FlowRows extends AppendingRows {

  private final Broadcast<SharedModel> model;
  private final double[] prior;
  private final Distribution calibration;
  private final FlowOutputs outputs;
  private final String featuresCol;
  private final boolean skip;

  /**
   * @param prior a weight a class; one weight for an unconditional flow
   * @param calibration of log p(x); null for none
   * @param outputs the columns to add
   * @param stage whose parameters say how
   */
  FlowRows(
      Broadcast<SharedModel> model,
      double[] prior,
      Distribution calibration,
      FlowOutputs outputs,
      FlowColumns<?> stage) {
    super(stage.getInferenceBatch());
    this.model = model;
    this.prior = prior;
    this.calibration = calibration;
    this.outputs = outputs;
    this.featuresCol = stage.getFeaturesCol();
    this.skip = stage.getHandleInvalid().equals(FlowColumns.SKIP);
  }

  @Override
  Function<List<Row>, List<Row>> mapping() {
    dev.realnvp.flow.RealNVP flow = dev.realnvp.flow.RealNVP.of(model.value().network());
    ClassMixture mixture = new ClassMixture(flow, prior);
    FlowProgram program = FlowProgram.of(flow);
    return rows -> map(mixture, program, rows);
  }

  private List<Row> map(ClassMixture mixture, FlowProgram program, List<Row> rows) {
    int features = program.features();
    List<Row> valid = new ArrayList<>(rows.size());
    float[] x = new float[rows.size() * features];
    for (Row row : rows) {
      if (fill(row, x, valid.size() * features, features)) {
        valid.add(row);
      } else if (!skip) {
        throw new InvalidInputException(
            ("Column '%s' holds null, NaN or infinite values:"
                    + " set handleInvalid to skip to leave such rows out")
                .formatted(featuresCol));
      }
    }
    ClassScores scores = mixture.score(x, valid.size());
    if (outputs.has(Kind.LATENT)) {
      program.base(x, likeliest(scores, program.context(), valid.size()), valid.size());
    }
    return IntStream.range(0, valid.size())
        .mapToObj(
            i -> append(valid.get(i), valid.get(i).size() - 1, values(scores, x, features, i)))
        .toList();
  }

  /** Whether the row has finite features, which are then at that place of the array. */
  private boolean fill(Row row, float[] x, int from, int features) {
    int last = row.size() - 1;
    if (row.isNullAt(last)) {
      return false;
    }
    List<Number> values = row.getList(last);
    if (values.size() != features) {
      throw new InvalidInputException(
          "Column '%s' holds a row of %d features; the model takes %d"
              .formatted(featuresCol, values.size(), features));
    }
    for (int j = 0; j < features; j++) {
      if (values.get(j) == null) {
        return false;
      }
      x[from + j] = values.get(j).floatValue();
      if (!Float.isFinite(x[from + j])) {
        return false;
      }
    }
    return true;
  }

  private static int[] likeliest(ClassScores scores, int classes, int rows) {
    return classes == 0 ? null : IntStream.range(0, rows).map(scores::likeliest).toArray();
  }

  /** The columns' values of row i. */
  private Object[] values(ClassScores scores, float[] z, int features, int i) {
    double logProb = scores.marginal()[i];
    Map<Kind, Object> values = new EnumMap<>(Kind.class);
    values.put(Kind.LOG_PROB, logProb);
    values.put(Kind.LOG_PROBS, Vectors.dense(scores.conditional()[i]));
    values.put(Kind.PROBABILITY, Vectors.dense(scores.posterior()[i]));
    values.put(Kind.PREDICTION, (double) scores.likeliest(i));
    if (outputs.has(Kind.LATENT)) {
      values.put(Kind.LATENT, Vectors.dense(doubles(z, i * features, features)));
    }
    if (calibration != null) {
      values.put(Kind.ANOMALY, strangeness(logProb));
    }
    return outputs.values(values);
  }

  /** What cannot be judged is as strange as can be. */
  private double strangeness(double logProb) {
    return Double.isNaN(logProb) ? 1 : 1 - calibration.level(logProb);
  }
}
