package dev.realnvp.spark.shards;

import dev.realnvp.engine.Batch;
import dev.realnvp.flow.Context;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.spark.training.Shard;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A partition's images as bytes, a quarter of their size as floats.
 *
 * @param pixels one array per image, in the layout's format
 * @param labels one per image
 * @param layout every image's shape
 * @param classes K, whose one-hot vectors are the engine's context; 0 for none
 * @param assembler makes minibatches
 */
record ImageShard(
    byte[][] pixels, int[] labels, PixelLayout layout, int classes, BatchAssembler assembler)
    implements Shard {

  @Override
  public int size() {
    return pixels.length;
  }

  @Override
  public DataSet batch(int[] rows) {
    float[] images = new float[Math.multiplyExact(rows.length, layout.size())];
    for (int i = 0; i < rows.length; i++) {
      Pixels.copy(pixels[rows[i]], images, i * layout.size(), layout);
    }
    return assembler.assemble(
        Pixels.array(images, rows.length, layout),
        IntStream.of(rows).map(row -> labels[row]).toArray());
  }

  @Override
  public void fill(int[] rows, Batch batch) {
    float[] images = batch.inputs().atLeast((long) rows.length * layout.size());
    for (int i = 0; i < rows.length; i++) {
      Pixels.scale(pixels[rows[i]], images, i * layout.size());
    }
    if (classes > 0) {
      new Context.Classes(labels, classes).load(rows.length, i -> rows[i], batch.context());
    }
  }
}
