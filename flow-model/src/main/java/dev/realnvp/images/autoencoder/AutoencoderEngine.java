package dev.realnvp.images.autoencoder;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.RowArrays;
import dev.realnvp.images.convolution.ImageShape;
import java.util.Arrays;

/**
 * Runs an {@link Autoencoder}'s two halves on plain float arrays, row-major and channels last, with
 * a copy of its parameters. For one thread at a time. Arrays of wrong sizes are refused with an
 * {@link IllegalArgumentException}.
 */
public final class AutoencoderEngine {

  /** Images per batch. */
  private static final int BLOCK = 100;

  private final ImageShape image;
  private final int pixels;
  private final int code;
  private final int codeStage;
  private final StageSequence sequence;
  private final Batch batch = new Batch();

  private AutoencoderEngine(Autoencoder autoencoder, StageSequence sequence) {
    this.sequence = sequence;
    image = autoencoder.image();
    pixels = image.size();
    code = autoencoder.code();
    codeStage = autoencoder.codeLayer();
  }

  public static AutoencoderEngine of(Autoencoder autoencoder) {
    return new AutoencoderEngine(
        autoencoder, StageSequence.of(autoencoder.network()).orElseThrow());
  }

  public int code() {
    return code;
  }

  /**
   * The images' codes.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   * @return {@code [N, code]}
   */
  public float[] encode(float[] images, int rows) {
    return encode(images, rows, null);
  }

  /**
   * The images' codes, and in the same pass the losses of their reconstructions.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param losses {@code [N]}, the result, as of {@link #losses}
   * @return {@code [N, code]}
   */
  public float[] encode(float[] images, double[] losses) {
    return encode(images, losses.length, losses);
  }

  private float[] encode(float[] images, int rows, double[] losses) {
    RowArrays.require("images", images.length, rows, pixels);
    float[] codes = new float[Math.multiplyExact(rows, code)];
    for (int from = 0; from < rows; from += BLOCK) {
      int count = load(images, pixels, from, rows);
      sequence.forward(batch, 0, codeStage + 1);
      System.arraycopy(batch.values().array(), 0, codes, from * code, count * code);
      if (losses != null) {
        sequence.forward(batch, codeStage + 1, sequence.stages().size());
        System.arraycopy(batch.losses(), 0, losses, from, count);
      }
    }
    return codes;
  }

  /**
   * The binary cross-entropy of each image's reconstruction, in nats per pixel.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   */
  public double[] losses(float[] images, int rows) {
    double[] losses = new double[rows];
    encode(images, losses);
    return losses;
  }

  /**
   * How much of each image its reconstruction misses, compared with an image of one colour: 0 if
   * nothing is missing, 1 if it is as far from the image as the image's mean colour is.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param losses their {@link #losses}, {@code [N]}
   * @return {@code [N]}, finite and at least 0
   */
  public double[] relativeErrors(float[] images, double[] losses) {
    RowArrays.require("images", images.length, losses.length, pixels);
    double[] errors = new double[losses.length];
    Arrays.setAll(errors, i -> RelativeError.of(images, i * pixels, image, losses[i]));
    return errors;
  }

  /**
   * The images of codes.
   *
   * @param codes {@code [N, code]}
   * @param rows N
   * @return {@code [N, H, W, C]} in 0..1
   */
  public float[] decode(float[] codes, int rows) {
    RowArrays.require("codes", codes.length, rows, code);
    float[] images = new float[Math.multiplyExact(rows, pixels)];
    int loss = sequence.stages().size() - 1;
    for (int from = 0; from < rows; from += BLOCK) {
      int count = load(codes, code, from, rows);
      sequence.forward(batch, codeStage + 1, loss);
      System.arraycopy(batch.values().array(), 0, images, from * pixels, count * pixels);
    }
    Elementwise.sigmoid(images, images, 0, images.length);
    return images;
  }

  /** Fills the batch from a row on, and returns the number of rows. */
  private int load(float[] values, int width, int from, int rows) {
    int count = Math.min(BLOCK, rows - from);
    batch.rows(count);
    float[] inputs = batch.inputs().ensureCapacity((long) count * width);
    System.arraycopy(values, from * width, inputs, 0, count * width);
    return count;
  }
}
