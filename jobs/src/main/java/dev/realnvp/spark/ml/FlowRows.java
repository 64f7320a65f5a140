package dev.realnvp.spark.ml;

import dev.realnvp.flow.ClassScores;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.ml.FlowOutputs.Kind;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.scores.Distribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;

/**
 * Adds a flow's columns to rows, whose last two columns have the features and the numbers that the
 * flow is conditioned on, and are dropped.
 */
final class FlowRows extends AppendingRows {

  private static final int TEMPORARY = 2;

  private final Broadcast<SharedModel> model;
  private final double[] prior;
  private final Distribution calibration;
  private final FlowOutputs outputs;
  private final VectorColumn features;
  private final VectorColumn context;
  private final boolean skip;

  /**
   * @param prior a weight a class, one weight for an unconditional flow; null for a flow that is
   *     conditioned on numbers
   * @param calibration of log p(x); null for none
   * @param outputs the columns to add
   * @param stage whose model it is, and whose parameters say how
   */
  FlowRows(
      Broadcast<SharedModel> model,
      double[] prior,
      Distribution calibration,
      FlowOutputs outputs,
      RealNVPModel stage) {
    super(stage.getInferenceBatch());
    this.model = model;
    this.prior = prior;
    this.calibration = calibration;
    this.outputs = outputs;
    this.features = new VectorColumn(stage.getFeaturesCol(), "features", stage.numFeatures());
    this.context = new VectorColumn(stage.getContextCol(), "context values", stage.contextSize());
    this.skip = stage.getHandleInvalid().equals(FlowColumns.SKIP);
  }

  @Override
  Function<List<Row>, List<Row>> mapping() {
    FlowDensities densities =
        new FlowDensities(dev.realnvp.flow.RealNVP.of(model.value().network()), prior);
    return rows -> map(densities, rows);
  }

  private List<Row> map(FlowDensities densities, List<Row> rows) {
    List<Row> valid = new ArrayList<>(rows.size());
    float[] all = new float[rows.size() * features.width()];
    float[] allContexts = new float[rows.size() * context.width()];
    for (Row row : rows) {
      int at = row.size() - TEMPORARY;
      if (features.read(row, at, all, valid.size() * features.width())
          && (context.width() == 0
              || context.read(row, at + 1, allContexts, valid.size() * context.width()))) {
        valid.add(row);
      } else if (!skip) {
        throw new InvalidInputException(
            ("Column '%s' holds null, NaN or infinite values:"
                    + " set handleInvalid to skip to leave such rows out")
                .formatted(
                    context.width() == 0
                        ? features.name()
                        : features.name() + ", " + context.name()));
      }
    }
    float[] x = Arrays.copyOf(all, valid.size() * features.width());
    float[] contexts = Arrays.copyOf(allContexts, valid.size() * context.width());
    ClassScores scores = densities.score(x, contexts, valid.size());
    if (outputs.has(Kind.LATENT)) {
      densities.base(x, contexts, scores, valid.size());
    }
    return IntStream.range(0, valid.size())
        .mapToObj(i -> append(valid.get(i), valid.get(i).size() - TEMPORARY, values(scores, x, i)))
        .toList();
  }

  /** The columns' values of row i. */
  private Object[] values(ClassScores scores, float[] z, int i) {
    Map<Kind, Object> values = new EnumMap<>(Kind.class);
    if (!scores.isFinite(i)) {
      // What cannot be judged is as strange as can be.
      values.put(Kind.ANOMALY, calibration == null ? null : 1.0);
      return outputs.values(values);
    }
    double logProb = scores.marginal()[i];
    values.put(Kind.LOG_PROB, logProb);
    values.put(Kind.LOG_PROBS, Vectors.dense(scores.conditional()[i]));
    values.put(Kind.PROBABILITY, Vectors.dense(scores.posterior()[i]));
    values.put(Kind.PREDICTION, (double) scores.likeliest(i));
    if (outputs.has(Kind.LATENT)) {
      values.put(Kind.LATENT, Vectors.dense(doubles(z, i * features.width(), features.width())));
    }
    if (calibration != null) {
      values.put(Kind.ANOMALY, 1 - calibration.level(logProb));
    }
    return outputs.values(values);
  }
}
