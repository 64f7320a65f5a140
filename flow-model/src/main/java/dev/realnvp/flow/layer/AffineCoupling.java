package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Features;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import java.util.List;

/**
 * An affine coupling (Dinh et al. 2017, Density estimation using Real NVP, sections 3.2 to 3.4).
 * With the binary mask b of the kept features, and s and t computed by a network from the kept
 * features and the context:
 *
 * <pre>
 * s = tanh(net_s(b x, context)), t = net_t(b x, context)
 * z = b x + (1 - b) (x exp(s) + t)
 * log |det dz/dx| = sum_j (1 - b_j) s_j
 * </pre>
 *
 * <p>The networks of a {@link Coupling} are one for s and one for t, or one shared network whose
 * output is first s, then t. Their output is for the changed features alone: the equation
 * multiplies the rest by zero.
 *
 * @param context C, at least 0
 * @param kept for each feature, whether it is kept; at least one is, and one is not
 * @param hidden the sizes of the networks' hidden layers or blocks, at least one
 * @param sharedNetwork whether one network gives both scale and shift
 * @param conditioner how the networks are built
 */
public record AffineCoupling(
    int context,
    List<Boolean> kept,
    List<Integer> hidden,
    boolean sharedNetwork,
    Conditioner.Kind conditioner)
    implements Coupling {

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public AffineCoupling {
    Coupling.require(context, kept, hidden, conditioner);
    kept = List.copyOf(kept);
    hidden = List.copyOf(hidden);
  }

  /** The shared network; or one for the scale and one for the shift. */
  @Override
  public List<Conditioner> conditioners() {
    int transformed = transformedFeatures().length;
    return sharedNetwork
        ? List.of(conditioner("", 2 * transformed))
        : List.of(conditioner("scale", transformed), conditioner("shift", transformed));
  }

  @Override
  public InvertibleStage stage() {
    return new Stage(this);
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.affine(this);
  }

  /** {@link AffineCoupling} on plain arrays. */
  private static final class Stage extends CouplingStage {

    private final Floats x = new Floats();
    private final Floats s = new Floats();
    private final Floats t = new Floats();
    private final Floats scale = new Floats();
    private final Floats result = new Floats();
    private final Floats sums = new Floats();
    private final Floats ones = new Floats();
    private final Floats dOut = new Floats();

    Stage(AffineCoupling layer) {
      super(layer);
    }

    @Override
    public void forward(Batch batch, boolean training) {
      int size = run(batch, 1);
      float[] values = x.array();
      float[] factor = scale.array();
      float[] shift = t.array();
      float[] z = result.ensureCapacity(size);
      for (int i = 0; i < size; i++) {
        z[i] = values[i] * factor[i] + shift[i];
      }
      leave(result, batch);
    }

    @Override
    public void inverse(Batch batch) {
      int size = run(batch, -1);
      float[] values = x.array();
      float[] factor = scale.array();
      float[] shift = t.array();
      float[] z = result.ensureCapacity(size);
      for (int i = 0; i < size; i++) {
        z[i] = (values[i] - shift[i]) * factor[i];
      }
      leave(result, batch);
    }

    /**
     * Computes the changed features' x, s, t and {@code scale = exp(sign s)}, and {@code logDet +=
     * sign sum s}.
     *
     * @return the number of values, N M
     */
    private int run(Batch batch, int sign) {
      int count = batch.rows();
      int size = count * transformed().length;
      Features.gather(batch.values().array(), transformed(), x.ensureCapacity(size), count);
      List<Floats> outputs = outputs(batch);
      System.arraycopy(outputs.get(0).array(), 0, s.ensureCapacity(size), 0, size);
      int shift = networks() == 1 ? size : 0;
      System.arraycopy(outputs.get(networks() - 1).array(), shift, t.ensureCapacity(size), 0, size);
      Elementwise.tanh(s.array(), 1, s.array(), 0, size);
      Elementwise.expOfUnit(s.array(), sign, scale.ensureCapacity(size), 0, size);
      float[] sum = sums.ensureCapacity(count);
      Gemm.sumRows(transformed().length, count, Matrix.of(s, count), ones, sums, 0);
      double[] logDet = batch.logDet();
      for (int i = 0; i < count; i++) {
        logDet[i] += sign * sum[i];
      }
      return size;
    }

    /**
     * With {@code s = tanh(a)}, the row's weight w, and {@code dlogDet = -w} as in every negative
     * log-likelihood: {@code dx = dz exp(s), da = (dx x - w) (1 - s^2), dt = dz}.
     */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      int count = batch.rows();
      int size = count * transformed().length;
      float[] dz = batch.values().array();
      float[] dx = result.array();
      float[] dt = t.array();
      float[] da = dOut.ensureCapacity(2L * size);
      float[] values = x.array();
      float[] factor = scale.array();
      float[] tanh = s.array();
      Features.gather(dz, transformed(), dt, count);
      for (int i = 0; i < size; i++) {
        dx[i] = dt[i] * factor[i];
        da[i] = (dx[i] * values[i] - 1f) * (1f - tanh[i] * tanh[i]);
      }
      if (batch.weighted()) {
        for (int i = 0; i < size; i++) {
          da[i] += (1f - batch.weight(i % count)) * (1f - tanh[i] * tanh[i]);
        }
      }
      if (needsInputGradient) {
        Features.scatter(dx, dz, transformed(), count);
      }
      if (networks() == 1) {
        System.arraycopy(dt, 0, da, size, size);
        backward(0, dOut, batch, needsInputGradient);
      } else {
        backward(0, dOut, batch, needsInputGradient);
        backward(1, t, batch, needsInputGradient);
      }
    }
  }
}
