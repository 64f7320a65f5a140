package dev.realnvp.spark.training;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.training.rows.Shard;
import java.util.Random;
import org.nd4j.linalg.dataset.DataSet;

/** Rows without a class, as a flow takes them. */
final class FlowShard extends ArrayShard {

  private FlowShard(float[][] features) {
    super(features, new float[features.length][CLASSES]);
  }

  /** Normally distributed rows. */
  static Shard random(int rows, int width, long seed) {
    Random random = new Random(seed);
    float[][] features = new float[rows][width];
    for (float[] row : features) {
      for (int j = 0; j < width; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return new FlowShard(features);
  }

  @Override
  public DataSet batch(long[] rows) {
    return RealNVP.trainingBatch(super.batch(rows).getFeatures(), null);
  }
}
