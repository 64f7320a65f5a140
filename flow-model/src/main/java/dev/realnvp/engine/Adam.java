package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Elementwise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Adam over flat vectors (Kingma and Ba 2015, in the form at the end of section 2), with L2 in the
 * gradient, in one pass:
 *
 * <pre>
 * g = gradient / N + l2 p      (after clipping, if any)
 * m = beta1 m + (1 - beta1) g
 * v = beta2 v + (1 - beta2) g^2
 * p = p - rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 * </pre>
 *
 * <p>What decays ends at 0 before it is subnormal ({@link Elementwise#flush}): m and p of units
 * without a gradient, which beta1 and L2 shrink by a factor per step. In v the gradient counts as
 * at least 2^-56, whose root is nothing beside epsilon.
 *
 * @param config beta1, beta2, epsilon and the rate's schedule
 * @param l2 the factor of the parameters in the gradient; null for none
 */
record Adam(org.nd4j.linalg.learning.config.Adam config, L2Regularization l2) {

  /** The square of this, times {@code 1 - beta2}, is no subnormal number. */
  private static final float LEAST_GRADIENT = 0x1p-56f;

  /** Steps from one flush to the next: 0.9 to the 16th is a fifth, far from subnormal. */
  private static final int FLUSH_EVERY = 16;

  /**
   * The optimizer that a network is configured with.
   *
   * @return empty unless it is Adam with the same rate for all parameters, and at most L2
   */
  static Optional<Adam> of(MultiLayerNetwork network) {
    List<Adam> all = new ArrayList<>();
    for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
      Layer conf = layer.conf().getLayer();
      if (!isPlain(conf)) {
        return Optional.empty();
      }
      for (String name : layer.paramTable().keySet()) {
        IUpdater updater = conf.getUpdaterByParam(name);
        List<Regularization> terms = conf.getRegularizationByParam(name);
        if (updater instanceof NoOp) {
          continue;
        }
        if (!(updater instanceof org.nd4j.linalg.learning.config.Adam adam)) {
          return Optional.empty();
        }
        if (terms == null || terms.isEmpty()) {
          all.add(new Adam(adam, null));
        } else if (terms.size() == 1 && terms.get(0) instanceof L2Regularization l2) {
          all.add(new Adam(adam, l2));
        } else {
          return Optional.empty();
        }
      }
    }
    return all.stream().distinct().count() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  /** Whether only the updater changes parameters and gradients. */
  private static boolean isPlain(Layer conf) {
    List<LayerConstraint> constraints = conf.getConstraints();
    return conf.getIDropout() == null
        && (constraints == null || constraints.isEmpty())
        && (!(conf instanceof BaseLayer base)
            || base.getWeightNoise() == null
                && (base.getGradientNormalization() == null
                    || base.getGradientNormalization() == GradientNormalization.None));
  }

  /**
   * One step.
   *
   * @param p the parameters; m, v and gradient belong to the first of them
   * @param count how many
   * @param perExample factor of the gradient: 1 / N if it is a sum over N losses
   * @param iteration the number of previous steps, t - 1
   */
  void step(
      float[] p,
      float[] gradient,
      float[] m,
      float[] v,
      int count,
      float perExample,
      int iteration,
      int epoch) {
    double beta1 = config.getBeta1();
    double beta2 = config.getBeta2();
    int t = iteration + 1;
    double rate = config.getLearningRate(iteration, epoch);
    double corrected = rate * Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
    float alpha = (float) corrected;
    float decay = l2 == null ? 0 : (float) l2.getL2().valueAt(iteration, epoch);
    float keepM = (float) beta1;
    float takeM = (float) (1 - beta1);
    float keepV = (float) beta2;
    float takeV = (float) (1 - beta2);
    float epsilon = (float) config.getEpsilon();
    for (int i = 0; i < count; i++) {
      float g = gradient[i] * perExample + decay * p[i];
      float first = keepM * m[i] + takeM * g;
      float size = Math.max(LEAST_GRADIENT, Math.abs(g));
      float second = keepV * v[i] + takeV * size * size;
      m[i] = first;
      v[i] = second;
      p[i] -= alpha * first / ((float) Math.sqrt(second) + epsilon);
    }
    if (t % FLUSH_EVERY == 0) {
      Elementwise.flush(m, 0, count);
      Elementwise.flush(p, 0, count);
    }
  }
}
