package dev.realnvp.flow.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link LinearCouplingLayer}'s mathematics, for a changed feature j and over rows i. */
final class LinearCouplingLayerImpl extends FlowLayerImpl<LinearCouplingLayer> {

  private final int[] kept;
  private final int[] changed;
  private final List<Conditioner> conditioners;

  LinearCouplingLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    kept = layerConf().keptFeatures();
    changed = layerConf().changedFeatures();
    conditioners = layerConf().conditioners();
  }

  /** s and t, of the changed features, and each network's activations. */
  private record Affine(double[][] s, double[][] t, List<List<INDArray>> activations) {}

  private Affine affine(double[][] rows, double[][] context) {
    INDArray in = Columns.toArray(Columns.join(Columns.select(rows, kept), context), dataType);
    List<List<INDArray>> activations = new ArrayList<>();
    double[][] out = new double[0][];
    for (Conditioner conditioner : conditioners) {
      List<INDArray> run = conditioner.forward(params, in);
      activations.add(run);
      out = Columns.join(out, Columns.of(run.get(run.size() - 1)));
    }
    double[][] s = Arrays.copyOfRange(out, 0, changed.length);
    for (double[] column : s) {
      for (int i = 0; i < column.length; i++) {
        column[i] = Math.tanh(column[i]);
      }
    }
    return new Affine(s, Arrays.copyOfRange(out, changed.length, out.length), activations);
  }

  @Override
  Pass pass(double[][] x, double[][] context, boolean training) {
    Affine affine = affine(x, context);
    int count = x[0].length;
    double[][] z = x.clone();
    double[] logDet = new double[count];
    for (int j = 0; j < changed.length; j++) {
      double[] s = affine.s[j];
      double[] t = affine.t[j];
      double[] in = x[changed[j]];
      double[] out = new double[count];
      for (int i = 0; i < count; i++) {
        out[i] = in[i] * Math.exp(s[i]) + t[i];
        logDet[i] += s[i];
      }
      z[changed[j]] = out;
    }
    return new Pass(z, logDet, (dz, dLogDet) -> backward(x, affine, dz, dLogDet));
  }

  /** With a what tanh is taken of: {@code da = (dz x exp(s) + dlogDet) (1 - s^2), dt = dz}. */
  private Pass.Gradients backward(double[][] x, Affine affine, double[][] dz, double[] dLogDet) {
    int count = dLogDet.length;
    double[][] dx = dz.clone();
    double[][] da = new double[changed.length][count];
    for (int j = 0; j < changed.length; j++) {
      double[] s = affine.s[j];
      double[] in = x[changed[j]];
      double[] dOut = dz[changed[j]];
      double[] dIn = new double[count];
      for (int i = 0; i < count; i++) {
        dIn[i] = dOut[i] * Math.exp(s[i]);
        da[j][i] = (dIn[i] * in[i] + dLogDet[i]) * (1 - s[i] * s[i]);
      }
      dx[changed[j]] = dIn;
    }
    double[][] dNetwork = backward(affine, da, Columns.select(dz, changed));
    for (int j = 0; j < kept.length; j++) {
      dx[kept[j]] = Columns.sum(dx[kept[j]], dNetwork[j]);
    }
    return new Pass.Gradients(dx, Arrays.copyOfRange(dNetwork, kept.length, dNetwork.length));
  }

  /** The gradient at the networks' input: kept features, then context. */
  private double[][] backward(Affine affine, double[][] da, double[][] dt) {
    if (conditioners.size() == 1) {
      return backward(0, affine, Columns.join(da, dt));
    }
    return Columns.sum(backward(0, affine, da), backward(1, affine, dt));
  }

  private double[][] backward(int network, Affine affine, double[][] dOut) {
    return Columns.of(
        conditioners
            .get(network)
            .backward(
                params,
                affine.activations.get(network),
                Columns.toArray(dOut, dataType),
                gradientViews));
  }

  @Override
  Pass.Inverse invert(double[][] z, double[][] context) {
    Affine affine = affine(z, context);
    int count = z[0].length;
    double[][] x = z.clone();
    double[] logDet = new double[count];
    for (int j = 0; j < changed.length; j++) {
      double[] s = affine.s[j];
      double[] t = affine.t[j];
      double[] in = z[changed[j]];
      double[] out = new double[count];
      for (int i = 0; i < count; i++) {
        out[i] = (in[i] - t[i]) * Math.exp(-s[i]);
        logDet[i] -= s[i];
      }
      x[changed[j]] = out;
    }
    return new Pass.Inverse(x, logDet);
  }
}
