package dev.realnvp.convolution;

import java.util.stream.DoubleStream;

/** Values of four dimensions, and the sums of the sizes of the terms that they are made of. */
record Terms(double[][][][] values, double[][][][] sizes) {

  static Terms of(double[][][][] values) {
    double[][][][] sizes = new double[values.length][][][];
    for (int n = 0; n < values.length; n++) {
      sizes[n] = new double[values[n].length][][];
      for (int c = 0; c < values[n].length; c++) {
        sizes[n][c] = new double[values[n][c].length][];
        for (int i = 0; i < values[n][c].length; i++) {
          sizes[n][c][i] = DoubleStream.of(values[n][c][i]).map(Math::abs).toArray();
        }
      }
    }
    return new Terms(values, sizes);
  }

  /** {@code [N, C, H, W]} out of {@code [N, H, W, C]}. */
  static Terms images(float[] flat, int rows, int[] lengths) {
    double[][][][] values = new double[rows][lengths[0]][lengths[1]][lengths[2]];
    int at = 0;
    for (double[][][] image : values) {
      for (int i = 0; i < lengths[1]; i++) {
        for (int j = 0; j < lengths[2]; j++) {
          for (double[][] channel : image) {
            channel[i][j] = flat[at++];
          }
        }
      }
    }
    return of(values);
  }

  /** {@code [M, C, k, k]}, as the layers have them, behind the bias. */
  static Terms weights(ConvolutionShape shape, float[] parameters, int bias) {
    int size = shape.kernel().size();
    double[][][][] values = new double[shape.maps()][shape.channels()][size][size];
    int at = bias;
    for (double[][][] map : values) {
      for (double[][] channel : map) {
        for (double[] row : channel) {
          for (int v = 0; v < size; v++) {
            row[v] = parameters[at++];
          }
        }
      }
    }
    return of(values);
  }
}
