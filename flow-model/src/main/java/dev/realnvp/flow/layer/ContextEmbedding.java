package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A trained linear map of what the flow is conditioned on, for the layers after it; the features
 * pass unchanged:
 *
 * <pre>
 * e = c W,  z = x
 * log |det dz/dx| = 0
 * </pre>
 *
 * <p>W is {@code [C, E]}. Of a class, whose c is a one-hot vector, e is a row of W: an embedding
 * (Bengio et al. 2003, A Neural Probabilistic Language Model, section 2). So with many classes the
 * couplings have E inputs in place of C.
 *
 * @param features D, at least 1
 * @param context C, at least 1
 * @param width E, at least 1
 */
public record ContextEmbedding(int features, int context, int width) implements Transform {

  /**
   * @throws IllegalArgumentException if a size is out of its range
   */
  public ContextEmbedding {
    FlowRowLayout.requireSizes(features, context);
    if (context < 1 || width < 1) {
      throw new IllegalArgumentException(
          "context and width: got %d and %d, expected at least 1".formatted(context, width));
    }
    FlowRowLayout.requireSizes(features, width);
  }

  @Override
  public int contextAfter() {
    return width;
  }

  /** Values are at first uniform between -1 and 1, as large as those of a one-hot vector. */
  @Override
  public ParamLayout layout() {
    long[] shape = {context, width};
    return ParamLayout.of(new ParamLayout.Param("W", shape, ParamLayout.uniform(1), true));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.embedding(this);
  }

  /**
   * {@link ContextEmbedding} on plain arrays. Its parameters are the rows of W. Of classes it takes
   * and trains their own rows alone, so a step costs {@code N E}, not {@code N C E}, and the zeros
   * of the other gradients.
   */
  private static final class Stage extends Kernel {

    private final int context;
    private final int width;
    private final Floats out = new Floats();
    private final Floats gradient = new Floats();

    Stage(ContextEmbedding transform) {
      super(transform);
      context = transform.context;
      width = transform.width;
    }

    @Override
    public int[] layerIndices() {
      return IntStream.range(0, context * width)
          .map(i -> i / width + context * (i % width))
          .toArray();
    }

    @Override
    public void forward(Batch batch, boolean training) {
      condition(batch);
      if (training) {
        gradient.zeros(batch.rows() * width);
        batch.condition(out, gradient);
      }
    }

    @Override
    public void condition(Batch batch) {
      int rows = batch.rows();
      float[] e = out.zeros(rows * width);
      eachValue(
          batch,
          (i, c, value) -> {
            for (int k = 0; k < width; k++) {
              e[k * rows + i] += value * trained(c * width + k);
            }
          });
      batch.condition(out, null);
    }

    @Override
    public void inverse(Batch batch) {
      // The features are those of the data.
    }

    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      // Outside of training, when only gradients with respect to the rows are wanted.
      if (batch.conditionGradient() == null) {
        return;
      }
      int rows = batch.rows();
      float[] dE = batch.conditionGradient().array();
      float[] dW = gradients().array();
      Arrays.fill(dW, firstTrained(), firstTrained() + trainedCount(), 0);
      eachValue(
          batch,
          (i, c, value) -> {
            for (int k = 0; k < width; k++) {
              dW[firstTrained() + c * width + k] += value * dE[k * rows + i];
            }
          });
      batch.condition(out, null);
    }

    /** A value of the context, of row i and column c. */
    private interface Value {
      void take(int row, int column, float value);
    }

    /** Those that are not 0. */
    private void eachValue(Batch batch, Value take) {
      int rows = batch.rows();
      int[] labels = batch.labels();
      if (labels != null) {
        for (int i = 0; i < rows; i++) {
          take.take(i, labels[i], 1);
        }
        return;
      }
      float[] columns = batch.context().array();
      for (int i = 0; i < rows * context; i++) {
        if (columns[i] != 0) {
          take.take(i % rows, i / rows, columns[i]);
        }
      }
    }
  }
}
