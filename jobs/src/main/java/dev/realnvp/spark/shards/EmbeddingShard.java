package dev.realnvp.spark.shards;

import dev.realnvp.engine.Batch;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.training.Shard;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A partition's embeddings.
 *
 * @param values all embeddings, one after the other
 * @param context what each is conditioned on
 * @param weights one per embedding, 1 on the average over all shards; empty if all count the same
 * @param size how many embeddings
 * @param features values per embedding
 */
record EmbeddingShard(float[] values, Context context, float[] weights, int size, int features)
    implements Shard {

  @Override
  public DataSet batch(int[] rows) {
    if (weights.length > 0) {
      throw new UnsupportedOperationException("DL4J's own training takes no rows with weights");
    }
    float[] picked = new float[Math.multiplyExact(rows.length, features)];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, rows[i] * features, picked, i * features, features);
    }
    return RealNVP.trainingBatch(
        Nd4j.create(picked, new long[] {rows.length, features}, 'c'),
        context.array(rows.length, i -> rows[i]));
  }

  @Override
  public void fill(int[] rows, Batch batch) {
    float[] columns = batch.inputs().atLeast((long) rows.length * features);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < features; j++) {
        columns[j * rows.length + i] = values[rows[i] * features + j];
      }
    }
    if (weights.length > 0) {
      float[] picked = batch.weigh();
      for (int i = 0; i < rows.length; i++) {
        picked[i] = weights[rows[i]];
      }
    }
    context.load(rows.length, i -> rows[i], batch.context());
  }
}
