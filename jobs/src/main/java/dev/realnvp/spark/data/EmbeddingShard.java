package dev.realnvp.spark.data;

import dev.realnvp.spark.training.Shard;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A partition's embeddings.
 *
 * @param values all embeddings, one after the other
 * @param labels one an embedding; empty where the table has none
 * @param size how many embeddings
 * @param features values an embedding
 * @param assembler makes minibatches
 */
record EmbeddingShard(
    float[] values, int[] labels, int size, int features, BatchAssembler assembler)
    implements Shard {

  @Override
  public DataSet batch(int[] rows) {
    float[] picked = new float[Math.multiplyExact(rows.length, features)];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, rows[i] * features, picked, i * features, features);
    }
    return assembler.assemble(
        Nd4j.create(picked, new long[] {rows.length, features}, 'c'),
        labels.length == 0 ? labels : Shards.pick(labels, rows));
  }
}
