package dev.realnvp.convolution;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Elementwise;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.Matrix;
import dev.realnvp.engine.Stage;
import java.util.Arrays;

/**
 * The common part of both convolutions: {@code y = act(L x + b)}, with a linear map L given by the
 * weights, an optional bias per channel of y, and ReLU or the identity. The parameters are the
 * weights, {@code [k*k*C, M]}, followed by the bias; in the layer the bias comes first.
 */
abstract class KernelStage extends Stage {

  final ConvolutionShape shape;
  final ConvolutionProducts products;
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
   * @param inputs input values per example
   * @param outputs output values per example
   * @param outputChannels output values per position
   */
  KernelStage(
      ConvolutionShape shape,
      int inputs,
      int outputs,
      int outputChannels,
      boolean biased,
      boolean rectified) {
    this.shape = shape;
    this.products = ConvolutionProducts.of(shape);
    this.inputs = inputs;
    this.outputs = outputs;
    this.outputChannels = outputChannels;
    this.biased = biased;
    this.rectified = rectified;
  }

  /** {@code y += L x}. */
  abstract void map(int first, int count, Floats x, Floats y);

  /** {@code dx += L^T dy}. */
  abstract void mapBack(int first, int count, Floats dy, Floats dx);

  /** {@code dW += d<dy, L x> / dW}. */
  abstract void addGradient(int first, int count, Floats x, Floats dy, Matrix gradient);

  /** The weights, {@code [k*k*C, M]}. */
  final Matrix weights() {
    return Matrix.at(values(), parameters(), shape.maps());
  }

  /**
   * A transposed copy of the weights, {@code [M, k*k*C]}, because a product with it is faster than
   * one with a transpose.
   */
  final Matrix transposedWeights() {
    return Matrix.of(transposed, shape.taps());
  }

  /** Updates {@link #transposedWeights}. */
  final void transposeWeights() {
    int taps = shape.taps();
    int maps = shape.maps();
    float[] to = transposed.atLeast(shape.weights() + taps);
    float[] from = values().array();
    for (int j = 0; j < maps; j++) {
      int column = parameters() + j;
      for (int i = 0; i < taps; i++) {
        to[j * taps + i] = from[column + i * maps];
      }
    }
  }

  @Override
  public final int[] order() {
    int bias = biased ? outputChannels : 0;
    int[] order = Arrays.copyOf(shape.order(), trained());
    for (int i = 0; i < shape.weights(); i++) {
      order[i] += bias;
    }
    for (int i = 0; i < bias; i++) {
      order[shape.weights() + i] = i;
    }
    return order;
  }

  @Override
  public final int trained() {
    return shape.weights() + (biased ? outputChannels : 0);
  }

  @Override
  public void forward(Batch batch, boolean training) {
    int rows = batch.rows();
    x = withRoom(batch.values(), rows, inputs, roomForX);
    float[] result = y.atLeast((rows + 1L) * outputs);
    float[] bias = biasImage();
    int block = block(rows);
    for (int first = 0; first < rows; first += block) {
      int count = Math.min(block, rows - first);
      for (int i = first; i < first + count; i++) {
        System.arraycopy(bias, 0, result, i * outputs, outputs);
      }
      map(first, count, x, y);
      if (rectified) {
        Elementwise.relu(result, first * outputs, (first + count) * outputs);
      }
    }
    batch.values(y);
  }

  @Override
  public void backward(Batch batch, boolean wanted) {
    int rows = batch.rows();
    Floats dy = withRoom(batch.values(), rows, outputs, roomForDy);
    Matrix gradient = Matrix.at(gradients(), parameters(), shape.maps());
    Arrays.fill(gradients().array(), parameters(), parameters() + shape.weights(), 0);
    if (wanted) {
      dx.atLeast((rows + 1L) * inputs);
    }
    int block = block(rows);
    for (int first = 0; first < rows; first += block) {
      int count = Math.min(block, rows - first);
      if (rectified) {
        Elementwise.reluGradient(y.array(), dy.array(), first * outputs, (first + count) * outputs);
      }
      addGradient(first, count, x, dy, gradient);
      if (wanted) {
        Arrays.fill(dx.array(), first * inputs, (first + count) * inputs, 0);
        mapBack(first, count, dy, dx);
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
    float[] image = biasImage.atLeast(outputs);
    if (biased) {
      int bias = parameters() + shape.weights();
      for (int i = 0; i < outputs; i += outputChannels) {
        System.arraycopy(values().array(), bias, image, i, outputChannels);
      }
    }
    return image;
  }

  /** Sums dy over the examples first, with a fast product, then over the positions. */
  private void sumBiasGradient(Floats dy, int rows) {
    float[] sums = biasGradient.atLeast(outputs);
    Gemm.sumRows(rows, outputs, Matrix.of(dy, outputs), ones, biasGradient, 0);
    float[] to = gradients().array();
    int bias = parameters() + shape.weights();
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
    System.arraycopy(values.array(), 0, copy.atLeast((rows + 1L) * size), 0, rows * size);
    return copy;
  }
}
