package dev.realnvp.images.convolution;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.Arrays;

/**
 * {@link Convolution} and {@link TransposedConvolution} on plain arrays: {@code y = act(L x + b)},
 * with a linear map L given by the weights, from images {@code [N, H, W, C]} to maps or from maps
 * to images, an optional bias per channel of y, and ReLU or the identity. The parameters are the
 * weights, {@code [k*k*C, M]}, followed by the bias; in the layer the bias comes first.
 */
final class KernelStage extends Stage {

  private final ConvolutionShape shape;
  private final boolean toImages;
  private final ConvolutionProducts products;
  private final int inputs;
  private final int outputs;
  private final int outputChannels;
  private final boolean biased;
  private final boolean rectified;

  private final Floats y = new Floats();
  private final Floats dx = new Floats();
  private final Floats transposed = new Floats();
  private final Floats biasImage = new Floats();
  private final Floats biasGradient = new Floats();
  private final Floats ones = new Floats();
  private final Floats roomForX = new Floats();
  private final Floats roomForDy = new Floats();
  private Floats x;

  /**
   * @param toImages whether L is the transpose of a convolution, from maps to images
   */
  KernelStage(ConvolutionShape shape, boolean toImages, boolean biased, boolean rectified) {
    this.shape = shape;
    this.toImages = toImages;
    this.products = ConvolutionProducts.of(shape);
    this.inputs = toImages ? shape.mapSize() : shape.imageSize();
    this.outputs = toImages ? shape.imageSize() : shape.mapSize();
    this.outputChannels = toImages ? shape.channels() : shape.maps();
    this.biased = biased;
    this.rectified = rectified;
  }

  /** Adds the images of some maps, or the maps of some images. */
  private void add(boolean images, int first, int count, Floats from, Floats to) {
    if (images) {
      products.transpose(first, count, from, Matrix.of(transposed, shape.taps()), to);
    } else {
      Matrix weights = Matrix.at(values(), firstTrained(), shape.maps());
      products.convolve(first, count, from, weights, to);
    }
  }

  /**
   * Copies the weights transposed, {@code [M, k*k*C]}, because a product with that is faster than
   * one with a transpose.
   */
  private void transposeWeights() {
    int taps = shape.taps();
    int maps = shape.maps();
    float[] to = transposed.ensureCapacity(shape.weights() + taps);
    float[] from = values().array();
    for (int j = 0; j < maps; j++) {
      int column = firstTrained() + j;
      for (int i = 0; i < taps; i++) {
        to[j * taps + i] = from[column + i * maps];
      }
    }
  }

  /** The layer has the bias, followed by {@code [M, C, k, k]}. */
  @Override
  public int[] layerIndices() {
    int bias = biased ? outputChannels : 0;
    int area = shape.kernel().size() * shape.kernel().size();
    int[] order = new int[trainedCount()];
    for (int i = 0; i < shape.weights(); i++) {
      int map = i % shape.maps();
      int channel = i / shape.maps() % shape.channels();
      int place = i / shape.maps() / shape.channels();
      order[i] = bias + (map * shape.channels() + channel) * area + place;
    }
    for (int i = 0; i < bias; i++) {
      order[shape.weights() + i] = i;
    }
    return order;
  }

  @Override
  public int trainedCount() {
    return shape.weights() + (biased ? outputChannels : 0);
  }

  @Override
  public void forward(Batch batch, boolean training) {
    int rows = batch.rows();
    if (toImages) {
      transposeWeights();
    }
    x = withRoom(batch.values(), rows, inputs, roomForX);
    float[] result = y.ensureCapacity((rows + 1L) * outputs);
    float[] bias = biasImage();
    int block = block(rows);
    for (int first = 0; first < rows; first += block) {
      int count = Math.min(block, rows - first);
      for (int i = first; i < first + count; i++) {
        System.arraycopy(bias, 0, result, i * outputs, outputs);
      }
      add(toImages, first, count, x, y);
      if (rectified) {
        Elementwise.relu(result, first * outputs, (first + count) * outputs);
      }
    }
    batch.values(y);
  }

  @Override
  public void backward(Batch batch, boolean needsInputGradient) {
    int rows = batch.rows();
    Floats dy = withRoom(batch.values(), rows, outputs, roomForDy);
    Matrix gradient = Matrix.at(gradients(), firstTrained(), shape.maps());
    Arrays.fill(gradients().array(), firstTrained(), firstTrained() + shape.weights(), 0);
    if (needsInputGradient) {
      if (!toImages) {
        transposeWeights();
      }
      dx.ensureCapacity((rows + 1L) * inputs);
    }
    int block = block(rows);
    for (int first = 0; first < rows; first += block) {
      int count = Math.min(block, rows - first);
      if (rectified) {
        Elementwise.reluGradient(y.array(), dy.array(), first * outputs, (first + count) * outputs);
      }
      products.gradient(first, count, toImages ? dy : x, toImages ? x : dy, gradient);
      if (needsInputGradient) {
        Arrays.fill(dx.array(), first * inputs, (first + count) * inputs, 0);
        add(!toImages, first, count, dy, dx);
      }
    }
    if (biased) {
      sumBiasGradient(dy, rows);
    }
    batch.values(dx);
  }

  /** The number of examples per block, chosen so that all blocks have about the same size. */
  private int block(int rows) {
    int blocks = (rows + products.block() - 1) / products.block();
    return (rows + blocks - 1) / blocks;
  }

  /** The bias at each position of an example. */
  private float[] biasImage() {
    float[] image = biasImage.ensureCapacity(outputs);
    if (biased) {
      int bias = firstTrained() + shape.weights();
      for (int i = 0; i < outputs; i += outputChannels) {
        System.arraycopy(values().array(), bias, image, i, outputChannels);
      }
    }
    return image;
  }

  /** Sums dy over the examples first, with a fast product, then over the positions. */
  private void sumBiasGradient(Floats dy, int rows) {
    float[] sums = biasGradient.ensureCapacity(outputs);
    Gemm.sumRows(rows, outputs, Matrix.of(dy, outputs), ones, biasGradient, 0);
    float[] to = gradients().array();
    int bias = firstTrained() + shape.weights();
    Arrays.fill(to, bias, bias + outputChannels, 0);
    for (int i = 0; i < outputs; i += outputChannels) {
      for (int j = 0; j < outputChannels; j++) {
        to[bias + j] += sums[i + j];
      }
    }
  }

  /** The values, in an array with the room that {@link ConvolutionProducts} needs. */
  private static Floats withRoom(Floats values, int rows, int size, Floats copy) {
    if (values.array().length >= (rows + 1L) * size) {
      return values;
    }
    System.arraycopy(values.array(), 0, copy.ensureCapacity((rows + 1L) * size), 0, rows * size);
    return copy;
  }
}
