package dev.realnvp.flow.layer;

import static dev.realnvp.flow.layer.LinearBatchNorm.BETA;
import static dev.realnvp.flow.layer.LinearBatchNorm.EPSILON;
import static dev.realnvp.flow.layer.LinearBatchNorm.LOG_GAMMA;
import static dev.realnvp.flow.layer.LinearBatchNorm.MEAN;
import static dev.realnvp.flow.layer.LinearBatchNorm.MOMENTUM;
import static dev.realnvp.flow.layer.LinearBatchNorm.VARIANCE;

import dev.realnvp.flow.Transformed;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link LinearBatchNorm}'s mathematics. Vectors are {@code [D]}. */
final class LinearBatchNormImpl extends FlowLayerImpl<LinearBatchNorm> {

  LinearBatchNormImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  Pass pass(INDArray x, INDArray context, boolean training) {
    long count = x.size(0);
    if (!training || count == 1) {
      INDArray centred = x.sub(getParam(MEAN));
      return normalize(centred, getParam(VARIANCE), this::backwardRunning);
    }
    INDArray mean = x.mean(0);
    INDArray centred = x.sub(mean);
    INDArray variance = centred.mul(centred).sum(0).divi(count - 1);
    return normalize(
        centred,
        variance,
        (normal, rate, dz, dLogDet) -> {
          moveRunning(MEAN, mean);
          moveRunning(VARIANCE, variance);
          return backwardBatch(normal, rate, dz, dLogDet);
        });
  }

  /** dLoss/dx, given {@code normal = (x - mean) rate} and {@code rate = 1 / sqrt(var + eps)}. */
  private interface InputGradient {
    INDArray of(INDArray normal, INDArray rate, INDArray dNormal, double dLogDet);
  }

  private Pass normalize(INDArray centred, INDArray variance, InputGradient inputGradient) {
    INDArray shifted = variance.add(EPSILON);
    INDArray rate = Transforms.pow(shifted, -0.5, true);
    INDArray normal = centred.muli(rate);
    INDArray gamma = Transforms.exp(getParam(LOG_GAMMA), true);
    INDArray z = normal.mul(gamma).addi(getParam(BETA));
    double logDet = logDet(shifted);
    return new Pass(
        z,
        column(logDet, z),
        (dz, dLogDet) -> {
          double total = dLogDet.sumNumber().doubleValue();
          INDArray dNormal = dz.mul(gamma);
          dz.sum(gradientViews.get(BETA), 0);
          dNormal.mul(normal).sum(gradientViews.get(LOG_GAMMA), 0);
          gradientViews.get(LOG_GAMMA).addi(total);
          return new Pass.Gradients(inputGradient.of(normal, rate, dNormal, total), null);
        });
  }

  /** Mean and variance are constants: {@code dx = dNormal rate}. */
  private INDArray backwardRunning(
      INDArray normal, INDArray rate, INDArray dNormal, double dLogDet) {
    gradientViews.get(MEAN).assign(0);
    gradientViews.get(VARIANCE).assign(0);
    return dNormal.muli(rate);
  }

  /**
   * Mean and variance depend on x. With {@code n = normal}, sums over the batch of N rows, and S
   * the sum of {@code dLoss/dlogDet}, of which each is {@code -log(var + eps) / 2} in the variance:
   *
   * <pre>
   * dx = rate (dn - sum(dn) / N - n (sum(dn n) + S) / (N - 1))
   * </pre>
   */
  private static INDArray backwardBatch(
      INDArray normal, INDArray rate, INDArray dNormal, double dLogDet) {
    long count = normal.size(0);
    INDArray slope = dNormal.mul(normal).sum(0).addi(dLogDet).divi(count - 1);
    INDArray mean = dNormal.mean(0);
    return dNormal.subi(mean).subi(normal.mul(slope)).muli(rate);
  }

  /** The updater subtracts this "gradient" as it is. */
  private void moveRunning(String name, INDArray batch) {
    gradientViews.get(name).assign(getParam(name).sub(batch).muli(1 - MOMENTUM));
  }

  @Override
  Transformed invert(INDArray z, INDArray context) {
    INDArray shifted = getParam(VARIANCE).add(EPSILON);
    INDArray scale =
        Transforms.sqrt(shifted, true).muli(Transforms.exp(getParam(LOG_GAMMA).neg(), false));
    INDArray x = z.sub(getParam(BETA)).muli(scale).addi(getParam(MEAN));
    return new Transformed(x, column(-logDet(shifted), x));
  }

  private double logDet(INDArray shiftedVariance) {
    return getParam(LOG_GAMMA).sumNumber().doubleValue()
        - 0.5 * Transforms.log(shiftedVariance, true).sumNumber().doubleValue();
  }

  private static INDArray column(double value, INDArray like) {
    return Nd4j.valueArrayOf(new long[] {like.size(0), 1}, value, like.dataType());
  }
}
