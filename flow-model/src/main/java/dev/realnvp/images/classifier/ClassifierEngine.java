package dev.realnvp.images.classifier;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.RowArrays;

/**
 * Runs a {@link Classifier} on plain float arrays, row-major and channels last, with a copy of its
 * parameters. For one thread at a time. Arrays of wrong sizes are refused with an {@link
 * IllegalArgumentException}.
 */
public final class ClassifierEngine {

  /** Images per batch. */
  private static final int BLOCK = 100;

  private final int pixels;
  private final int classes;
  private final StageSequence sequence;
  private final Batch batch = new Batch();

  private ClassifierEngine(Classifier classifier, StageSequence sequence) {
    this.sequence = sequence;
    pixels = classifier.image().size();
    classes = classifier.classes();
  }

  public static ClassifierEngine of(Classifier classifier) {
    return new ClassifierEngine(classifier, StageSequence.of(classifier.network()).orElseThrow());
  }

  /**
   * The probability of each class.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   * @return {@code [N, K]}, each row of sum 1
   */
  public float[] probabilities(float[] images, int rows) {
    RowArrays.require("images", images.length, rows, pixels);
    float[] probabilities = new float[Math.multiplyExact(rows, classes)];
    for (int from = 0; from < rows; from += BLOCK) {
      int count = Math.min(BLOCK, rows - from);
      batch.rows(count);
      batch.context().zeros(count * classes);
      float[] inputs = batch.inputs().ensureCapacity((long) count * pixels);
      System.arraycopy(images, from * pixels, inputs, 0, count * pixels);
      sequence.forward(batch, false);
      System.arraycopy(batch.values().array(), 0, probabilities, from * classes, count * classes);
    }
    return probabilities;
  }

  /**
   * The most likely class of each image.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   */
  public int[] mostLikelyClass(float[] images, int rows) {
    float[] probabilities = probabilities(images, rows);
    int[] mostLikelyClass = new int[rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 1; k < classes; k++) {
        if (probabilities[i * classes + k] > probabilities[i * classes + mostLikelyClass[i]]) {
          mostLikelyClass[i] = k;
        }
      }
    }
    return mostLikelyClass;
  }
}
