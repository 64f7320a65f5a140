package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Features;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained linear map of the features, by its LU decomposition (Kingma and Dhariwal 2018, Glow:
 * Generative Flow with Invertible 1x1 Convolutions, section 3.2):
 *
 * <pre>
 * z = W x,  W = P L (U + diag(sign exp(logS)))
 * log |det dz/dx| = sum_j logS_j
 * </pre>
 *
 * <p>P is a fixed permutation, {@code (P v)_i = v_order(i)}, and each sign is fixed, 1 or -1; both
 * are saved with the model. L is lower triangular with ones on its diagonal, U is strictly upper
 * triangular. L, U and logS are trained. They are one parameter {@code lu}, {@code [D, D]}: its
 * element {@code [i, j]} is that of L below the diagonal, logS_i on it, and that of U above it. It
 * is 0 at first, so that W begins as P times the signs, unless it begins as {@link #whitening};
 * Glow's begins as a random rotation.
 *
 * @param context C, carried through
 * @param order of P, the index in v of each feature of P v: each of 0 to D - 1 once
 * @param sign of each diagonal element, 1 or -1
 */
public record InvertibleLinear(int context, List<Integer> order, List<Integer> sign)
    implements Transform {

  /** The name of the parameter. */
  public static final String LU = "lu";

  /**
   * @throws IllegalArgumentException if the order is not a permutation, or the signs are not D
   *     numbers of 1 or -1
   */
  public InvertibleLinear {
    FlowRowLayout.requireSizes(order.size(), context);
    Permutation.requirePermutation(order);
    if (sign.size() != order.size() || sign.stream().anyMatch(s -> s != 1 && s != -1)) {
      throw new IllegalArgumentException(
          "sign: got %s, expected %d numbers, each 1 or -1".formatted(sign, order.size()));
    }
    order = List.copyOf(order);
    sign = List.copyOf(sign);
  }

  /** A map that begins as this permutation. */
  public static InvertibleLinear of(Permutation permutation) {
    return new InvertibleLinear(
        permutation.context(), permutation.order(), Collections.nCopies(permutation.features(), 1));
  }

  /**
   * The parameter {@code lu}, {@code [D, D]}, with which z has the covariances I if those of x are
   * C, and all signs are 1: {@code W = P K^-1} with the upper triangular K of {@code C = K K^T}, so
   * that L is I, and no step of L is enlarged by what nearly dependent features are divided by.
   *
   * @param covariances C, {@code [D, D]}
   * @throws org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException if they are not
   *     positive definite
   */
  public static INDArray whitening(RealMatrix covariances) {
    int features = covariances.getRowDimension();
    int[] backwards = IntStream.range(0, features).map(i -> features - 1 - i).toArray();
    RealMatrix root =
        new CholeskyDecomposition(covariances.getSubMatrix(backwards, backwards)).getL();
    RealMatrix upper =
        new LUDecomposition(root).getSolver().getInverse().getSubMatrix(backwards, backwards);
    for (int i = 0; i < features; i++) {
      upper.setEntry(i, i, Math.log(upper.getEntry(i, i)));
      for (int j = 0; j < i; j++) {
        upper.setEntry(i, j, 0);
      }
    }
    return Nd4j.createFromArray(upper.getData());
  }

  @Override
  public int features() {
    return order.size();
  }

  @Override
  public ParamLayout layout() {
    long[] shape = {features(), features()};
    return ParamLayout.of(new ParamLayout.Param(LU, shape, ParamLayout.constant(0), true));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.linear(this);
  }

  /**
   * {@link InvertibleLinear} on plain arrays. Its parameters are {@code lu}, row by row. Rows are
   * stored column by column, so a batch is {@code [D, N]} and the map a product from the left.
   */
  private static final class Stage extends Kernel {

    private final int features;
    private final int[] order;
    private final int[] sign;
    private final Floats lower = new Floats();
    private final Floats upper = new Floats();
    private final Floats u = new Floats();
    private final Floats v = new Floats();
    private final Floats out = new Floats();
    private final Floats back = new Floats();
    private final Floats dv = new Floats();
    private final Floats du = new Floats();
    private final Floats product = new Floats();
    private Floats x;

    Stage(InvertibleLinear transform) {
      super(transform);
      features = transform.features();
      order = Features.indices(transform.order());
      sign = Features.indices(transform.sign());
    }

    /** The layer's matrix is stored column by column. */
    @Override
    public int[] layerIndices() {
      int[] indices = new int[features * features];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = i % features * features + i / features;
      }
      return indices;
    }

    /** {@code u = (U + diag(sign exp(logS))) x, v = L u, z = P v}. */
    @Override
    public void forward(Batch batch, boolean training) {
      int rows = batch.rows();
      loadTriangles();
      x = batch.values();
      u.ensureCapacity((long) features * rows);
      v.ensureCapacity((long) features * rows);
      multiply(Matrix.of(upper, features), x, u, rows);
      multiply(Matrix.of(lower, features), u, v, rows);
      Features.gather(v.array(), order, out.ensureCapacity((long) features * rows), rows);
      addLogDet(batch, logDet());
      batch.values(out);
    }

    /** {@code v = P^-1 z}, then u and x by substitution. */
    @Override
    public void inverse(Batch batch) {
      int rows = batch.rows();
      float[] values = back.ensureCapacity((long) features * rows);
      Features.scatter(batch.values().array(), values, order, rows);
      for (int i = 0; i < features; i++) {
        for (int j = 0; j < i; j++) {
          subtract(value(i, j), values, j, i, rows);
        }
      }
      for (int i = features - 1; i >= 0; i--) {
        for (int j = i + 1; j < features; j++) {
          subtract(value(i, j), values, j, i, rows);
        }
        float rate = (float) (sign[i] * Math.exp(-value(i, i)));
        for (int n = i * rows; n < (i + 1) * rows; n++) {
          values[n] *= rate;
        }
      }
      addLogDet(batch, -logDet());
      batch.values(back);
    }

    /** Subtracts {@code factor} times feature {@code from} from feature {@code to}. */
    private static void subtract(float factor, float[] values, int from, int to, int rows) {
      int source = from * rows;
      int target = to * rows;
      for (int n = 0; n < rows; n++) {
        values[target + n] -= factor * values[source + n];
      }
    }

    /**
     * With {@code T = U + diag(sign exp(logS))}, sums over the rows, and {@code dlogDet = -w} with
     * the row's weight w:
     *
     * <pre>
     * dv = P^-1 dz, du = L^T dv, dx = T^T du
     * dL = dv u^T below the diagonal, dU = du x^T above it
     * dlogS_j = sign_j exp(logS_j) (du x^T)_jj - sum w
     * </pre>
     */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int rows = batch.rows();
      Features.scatter(
          batch.values().array(), dv.ensureCapacity((long) features * rows), order, rows);
      du.ensureCapacity((long) features * rows);
      multiply(Matrix.of(lower, features).t(), dv, du, rows);
      float[] gradients = gradients().array();
      Matrix gradient = Matrix.at(gradients(), firstTrained(), features);
      Gemm.multiply(
          features, features, rows, Matrix.of(dv, rows), Matrix.of(u, rows).t(), gradient);
      float[] above = product.ensureCapacity((long) features * features);
      Gemm.multiply(
          features,
          features,
          rows,
          Matrix.of(du, rows),
          Matrix.of(x, rows).t(),
          Matrix.of(product, features));
      double weight = batch.totalWeight();
      for (int i = 0; i < features; i++) {
        int at = i * features + i;
        gradients[firstTrained() + at] = (float) (upper.array()[at] * (double) above[at] - weight);
        System.arraycopy(above, at + 1, gradients, firstTrained() + at + 1, features - 1 - i);
      }
      if (needsInputGradient) {
        back.ensureCapacity((long) features * rows);
        multiply(Matrix.of(upper, features).t(), du, back, rows);
        batch.values(back);
      }
    }

    /** {@code to = matrix from}, of {@code [D, N]}. */
    private void multiply(Matrix matrix, Floats from, Floats to, int rows) {
      Gemm.multiply(features, rows, features, matrix, Matrix.of(from, rows), Matrix.of(to, rows));
    }

    /** Fills L and {@code U + diag(sign exp(logS))}, row by row. */
    private void loadTriangles() {
      int size = features * features;
      float[] below = lower.zeros(size);
      float[] above = upper.zeros(size);
      for (int i = 0; i < features; i++) {
        int row = i * features;
        System.arraycopy(values().array(), firstTrained() + row, below, row, i);
        below[row + i] = 1;
        above[row + i] = (float) (sign[i] * Math.exp(value(i, i)));
        int after = row + i + 1;
        System.arraycopy(values().array(), firstTrained() + after, above, after, features - 1 - i);
      }
    }

    private double logDet() {
      double sum = 0;
      for (int i = 0; i < features; i++) {
        sum += value(i, i);
      }
      return sum;
    }

    private float value(int row, int column) {
      return trained(row * features + column);
    }
  }
}
