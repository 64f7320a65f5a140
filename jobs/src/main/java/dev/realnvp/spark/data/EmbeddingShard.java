package dev.realnvp.spark.data;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.flow.ClassContext;
import dev.realnvp.spark.training.Shard;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A partition's embeddings.
 *
 * @param values all embeddings, one after the other, each followed by its context
 * @param labels one per embedding; empty if the table has none
 * @param weights one per embedding, 1 on average over all shards; empty if all rows count the same
 * @param size the number of embeddings
 * @param features values per embedding
 * @param context C, the number of context values after each embedding; 0 for none
 * @param classes K, whose one-hot vectors are the engine's context; 0 for none
 * @param assembler makes minibatches
 */
record EmbeddingShard(
    float[] values,
    int[] labels,
    float[] weights,
    int size,
    int features,
    int context,
    int classes,
    BatchAssembler assembler)
    implements Shard {

  @Override
  public DataSet batch(int[] rows) {
    if (weights.length > 0) {
      throw new UnsupportedOperationException("DL4J's own training takes no rows with weights");
    }
    if (context > 0) {
      throw new UnsupportedOperationException("DL4J's own training takes classes for a context");
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
    fill(rows, 0, features, batch.inputs());
    if (weights.length > 0) {
      float[] picked = batch.weigh();
      for (int i = 0; i < rows.length; i++) {
        picked[i] = weights[rows[i]];
      }
    }
    if (context > 0) {
      fill(rows, features, context, batch.context());
    } else if (classes > 0) {
      ClassContext.oneHot(Shards.pick(labels, rows), classes, batch.context());
    }
  }

  /** Copies some values of the rows, starting at a given one, column by column. */
  private void fill(int[] rows, int first, int count, Floats to) {
    float[] columns = to.atLeast((long) rows.length * count);
    int width = features + context;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < count; j++) {
        columns[j * rows.length + i] = values[rows[i] * width + first + j];
      }
    }
  }
}
