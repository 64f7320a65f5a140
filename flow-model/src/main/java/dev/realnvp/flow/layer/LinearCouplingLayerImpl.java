package dev.realnvp.flow.layer;

import dev.realnvp.flow.Transformed;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link LinearCouplingLayer}'s mathematics. Below, K is the number of kept features and M that of
 * changed ones; s, t, their inputs and gradients are {@code [N, M]}, and all column-major.
 */
final class LinearCouplingLayerImpl extends FlowLayerImpl<LinearCouplingLayer> {

  private final int[] kept;
  private final int[] changed;
  private final int[] merged;
  private final List<Conditioner> conditioners;

  LinearCouplingLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    kept = layerConf().keptFeatures();
    changed = layerConf().changedFeatures();
    merged = Columns.inverse(join(kept, changed));
    conditioners = layerConf().conditioners();
  }

  @Override
  Pass pass(INDArray x, INDArray context, boolean training) {
    INDArray xKept = Columns.gather(x, kept);
    INDArray xChanged = Columns.gather(x, changed);
    Coefficients affine = coefficients(xKept, context);
    INDArray scale = Transforms.exp(affine.s, true);
    INDArray scaled = xChanged.mul(scale);
    return new Pass(
        merge(xKept, scaled.add(affine.t)),
        affine.s.sum(true, 1),
        (dz, dLogDet) -> {
          INDArray dChanged = Columns.gather(dz, changed);
          INDArray ds = dChanged.mul(scaled).addi(dLogDet);
          INDArray dIn = backward(affine, ds, dChanged);
          INDArray dKept = Columns.gather(dz, kept).addi(columns(dIn, 0, kept.length));
          INDArray dContext = context == null ? null : columns(dIn, kept.length, dIn.columns());
          return new Pass.Gradients(merge(dKept, dChanged.mul(scale)), dContext);
        });
  }

  @Override
  Transformed invert(INDArray z, INDArray context) {
    INDArray zKept = Columns.gather(z, kept);
    Coefficients affine = coefficients(zKept, context);
    INDArray inverseScale = Transforms.exp(affine.s.neg(), false);
    INDArray x = Columns.gather(z, changed).subi(affine.t).muli(inverseScale);
    return new Transformed(merge(zKept, x), affine.s.sum(true, 1).negi());
  }

  /** s, t, and each network's activations. */
  private record Coefficients(INDArray s, INDArray t, List<List<INDArray>> activations) {}

  private Coefficients coefficients(INDArray xKept, INDArray context) {
    INDArray in = context == null ? xKept : Nd4j.concat(1, xKept, context);
    List<List<INDArray>> activations = new ArrayList<>();
    for (Conditioner conditioner : conditioners) {
      activations.add(conditioner.forward(params, in));
    }
    INDArray first = output(activations.get(0));
    if (conditioners.size() == 1) {
      int half = changed.length;
      return new Coefficients(
          Transforms.tanh(columns(first, 0, half), true),
          columns(first, half, 2 * half),
          activations);
    }
    return new Coefficients(Transforms.tanh(first, true), output(activations.get(1)), activations);
  }

  /** {@code dLoss/d(kept features, context)}, given it at s and t. */
  private INDArray backward(Coefficients affine, INDArray ds, INDArray dt) {
    // d tanh(a) = (1 - tanh(a)^2) da
    INDArray slope = affine.s.mul(affine.s).rsubi(1);
    INDArray da = ds.muli(slope);
    if (conditioners.size() == 1) {
      return backward(0, affine, Nd4j.concat(1, da, dt));
    }
    return backward(0, affine, da).addi(backward(1, affine, dt));
  }

  private INDArray backward(int network, Coefficients affine, INDArray dOut) {
    return conditioners
        .get(network)
        .backward(params, affine.activations.get(network), dOut, gradientViews);
  }

  private INDArray merge(INDArray ofKept, INDArray ofChanged) {
    return Columns.gather(Nd4j.concat(1, ofKept, ofChanged), merged);
  }

  private static INDArray output(List<INDArray> activations) {
    return activations.get(activations.size() - 1);
  }

  private static INDArray columns(INDArray matrix, int from, int to) {
    return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
  }

  private static int[] join(int[] first, int[] second) {
    int[] joined = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
