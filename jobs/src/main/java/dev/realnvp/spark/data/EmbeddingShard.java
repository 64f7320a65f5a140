package dev.realnvp.spark.data;

import dev.realnvp.engine.Batch;
import dev.realnvp.flow.ClassContext;
import dev.realnvp.spark.training.Shard;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A partition's embeddings.
 *
 * @param values all embeddings, one after the other
 * @param labels one an embedding; empty where the table has none
 * @param weights one an embedding, 1 on the average over all shards; empty where all count the same
 * @param size how many embeddings
 * @param features values an embedding
 * @param classes K, whose one-hot vectors are the engine's context; 0 for none
 * @param assembler makes minibatches
 */
record EmbeddingShard(
    float[] values,
    int[] labels,
    float[] weights,
    int size,
    int features,
    int classes,
    BatchAssembler assembler)
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
    return assembler.assemble(
        Nd4j.create(picked, new long[] {rows.length, features}, 'c'),
        labels.length == 0 ? labels : Shards.pick(labels, rows));
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
    if (classes > 0) {
      ClassContext.oneHot(Shards.pick(labels, rows), classes, batch.context());
    }
  }
}
