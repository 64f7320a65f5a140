package dev.realnvp.spark.training;

import dev.realnvp.engine.Batch;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Rows of four features and one of three classes, in arrays. */
public class ArrayShard implements Shard, Serializable {

  public static final int FEATURES = 4;
  public static final int CLASSES = 3;

  final float[][] features;
  final float[][] labels;

  ArrayShard(float[][] features, float[][] labels) {
    this.features = features;
    this.labels = labels;
  }

  /** Rows whose class is that of the largest of the first three features. */
  public static ArrayShard random(int rows, long seed) {
    Random random = new Random(seed);
    float[][] features = new float[rows][FEATURES];
    float[][] labels = new float[rows][CLASSES];
    for (int i = 0; i < rows; i++) {
      int largest = 0;
      for (int j = 0; j < FEATURES; j++) {
        features[i][j] = (float) random.nextGaussian();
        largest = j < CLASSES && features[i][j] > features[i][largest] ? j : largest;
      }
      labels[i][largest] = 1;
    }
    return new ArrayShard(features, labels);
  }

  /** One shard for each size. */
  public static List<Shard> randomOf(int... sizes) {
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      shards.add(random(sizes[i], 100 + i));
    }
    return shards;
  }

  @Override
  public Extent extent() {
    return Extent.whole(features.length);
  }

  @Override
  public DataSet batch(long[] rows) {
    float[][] x = new float[rows.length][];
    float[][] y = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      x[i] = features[(int) rows[i]];
      y[i] = labels[(int) rows[i]];
    }
    return new DataSet(Nd4j.createFromArray(x), Nd4j.createFromArray(y));
  }

  @Override
  public void fill(long[] rows, Batch batch) {
    int width = features[0].length;
    float[] x = batch.inputs().ensureCapacity((long) rows.length * width);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < width; j++) {
        x[j * rows.length + i] = features[(int) rows[i]][j];
      }
    }
  }
}
