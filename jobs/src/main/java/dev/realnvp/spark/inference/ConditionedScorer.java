package dev.realnvp.spark.inference;

import dev.realnvp.flow.FlowProgram;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.model.SharedModel;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Densities of rows given numbers. */
final class ConditionedScorer {

  private ConditionedScorer() {}

  /**
   * {@code log p(x | context)} of every row, in nats.
   *
   * @param rows with the column of embeddings/, which has the D features and then the C values of
   *     the context
   * @param model the flow's model
   * @param batch rows of a batch
   */
  static Dataset<Double> logProb(Dataset<Row> rows, Broadcast<SharedModel> model, int batch) {
    MapPartitionsFunction<EmbeddingRow, Double> score =
        vectors -> {
          FlowProgram flow = Models.flow(model.value());
          return new Batched<>(vectors, batch, some -> logProb(flow, some));
        };
    return rows.select("id", "split", "label", Embeddings.COLUMN)
        .as(Encoders.bean(EmbeddingRow.class))
        .mapPartitions(score, Encoders.DOUBLE());
  }

  private static List<Double> logProb(FlowProgram flow, List<EmbeddingRow> rows) {
    int features = flow.features();
    int context = flow.context();
    float[] x = new float[rows.size() * features];
    float[] contexts = new float[rows.size() * context];
    for (int i = 0; i < rows.size(); i++) {
      float[] both = rows.get(i).getEmbedding();
      System.arraycopy(both, 0, x, i * features, features);
      System.arraycopy(both, features, contexts, i * context, context);
    }
    double[] logProb = new double[rows.size()];
    flow.logProbGiven(x, contexts, logProb);
    return Arrays.stream(logProb).boxed().toList();
  }
}
