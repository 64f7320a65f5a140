package dev.realnvp.flow.layer;

import static dev.realnvp.flow.layer.Standardization.MEAN;
import static dev.realnvp.flow.layer.Standardization.SCALE;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** {@link Standardization}'s mathematics, for a feature j and over rows i. */
final class StandardizationImpl extends FlowLayerImpl<Standardization> {

  StandardizationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  Pass pass(double[][] x, double[][] context, boolean training) {
    double[] mean = values(MEAN);
    double[] scale = values(SCALE);
    double[][] z = new double[x.length][x[0].length];
    for (int j = 0; j < x.length; j++) {
      for (int i = 0; i < z[j].length; i++) {
        z[j][i] = (x[j][i] - mean[j]) / scale[j];
      }
    }
    return new Pass(z, repeat(-logScale(scale), x[0].length), (dz, dLogDet) -> backward(scale, dz));
  }

  /** {@code dx = dz / scale}; mean and scale stay, which a gradient of 0 says. */
  private Pass.Gradients backward(double[] scale, double[][] dz) {
    double[][] dx = new double[dz.length][dz[0].length];
    for (int j = 0; j < dz.length; j++) {
      for (int i = 0; i < dx[j].length; i++) {
        dx[j][i] = dz[j][i] / scale[j];
      }
    }
    setGradient(MEAN, new double[scale.length]);
    setGradient(SCALE, new double[scale.length]);
    return Pass.Gradients.of(dx);
  }

  @Override
  Pass.Inverse invert(double[][] z, double[][] context) {
    double[] mean = values(MEAN);
    double[] scale = values(SCALE);
    double[][] x = new double[z.length][z[0].length];
    for (int j = 0; j < z.length; j++) {
      for (int i = 0; i < x[j].length; i++) {
        x[j][i] = z[j][i] * scale[j] + mean[j];
      }
    }
    return new Pass.Inverse(x, repeat(logScale(scale), z[0].length));
  }

  private static double logScale(double[] scale) {
    return DoubleStream.of(scale).map(Math::log).sum();
  }

  private static double[] repeat(double value, int count) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return values;
  }
}
