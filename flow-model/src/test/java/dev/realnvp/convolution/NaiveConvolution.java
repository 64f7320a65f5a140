package dev.realnvp.convolution;

import java.util.Arrays;

/** The definitions, as loops over plain arrays. */
final class NaiveConvolution {

  private NaiveConvolution() {}

  /** {@code y[n, o, i, j] = b[o] + sum W[o, c, u, v] x[n, c, s i + u - p, s j + v - p]}. */
  static double[][][][] convolve(double[][][][] x, double[][][][] w, double[] b, Kernel k) {
    int height = k.steps(x[0][0].length);
    int width = k.steps(x[0][0][0].length);
    double[][][][] y = new double[x.length][w.length][height][width];
    for (int n = 0; n < x.length; n++) {
      for (int o = 0; o < w.length; o++) {
        for (int i = 0; i < height; i++) {
          for (int j = 0; j < width; j++) {
            y[n][o][i][j] = b[o];
            for (int c = 0; c < x[n].length; c++) {
              for (int u = 0; u < k.size(); u++) {
                for (int v = 0; v < k.size(); v++) {
                  int row = k.stride() * i + u - k.padding();
                  int column = k.stride() * j + v - k.padding();
                  if (row >= 0
                      && row < x[n][c].length
                      && column >= 0
                      && column < x[n][c][row].length) {
                    y[n][o][i][j] += w[o][c][u][v] * x[n][c][row][column];
                  }
                }
              }
            }
          }
        }
      }
    }
    return y;
  }

  /** Each input pixel stamps its kernel into the output; what falls outside is lost. */
  static double[][][][] transpose(
      double[][][][] x, double[][][][] w, double[] b, Kernel k, int height, int width) {
    double[][][][] y = new double[x.length][b.length][height][width];
    for (int n = 0; n < x.length; n++) {
      for (int o = 0; o < b.length; o++) {
        for (double[] row : y[n][o]) {
          Arrays.fill(row, b[o]);
        }
        for (int c = 0; c < x[n].length; c++) {
          for (int i = 0; i < x[n][c].length; i++) {
            for (int j = 0; j < x[n][c][i].length; j++) {
              for (int u = 0; u < k.size(); u++) {
                for (int v = 0; v < k.size(); v++) {
                  int row = k.stride() * i + u - k.padding();
                  int column = k.stride() * j + v - k.padding();
                  if (row >= 0 && row < height && column >= 0 && column < width) {
                    y[n][o][row][column] += w[c][o][u][v] * x[n][c][i][j];
                  }
                }
              }
            }
          }
        }
      }
    }
    return y;
  }

  /**
   * {@code dW[o, c, u, v] = sum of y[n, o, i, j] x[n, c, s i + u - p, s j + v - p]} over n, i, j.
   */
  static double[][][][] gradient(double[][][][] x, double[][][][] y, Kernel k) {
    double[][][][] w = new double[y[0].length][x[0].length][k.size()][k.size()];
    for (int n = 0; n < x.length; n++) {
      for (int o = 0; o < y[n].length; o++) {
        for (int i = 0; i < y[n][o].length; i++) {
          for (int j = 0; j < y[n][o][i].length; j++) {
            for (int c = 0; c < x[n].length; c++) {
              for (int u = 0; u < k.size(); u++) {
                for (int v = 0; v < k.size(); v++) {
                  int row = k.stride() * i + u - k.padding();
                  int column = k.stride() * j + v - k.padding();
                  if (row >= 0
                      && row < x[n][c].length
                      && column >= 0
                      && column < x[n][c][row].length) {
                    w[o][c][u][v] += y[n][o][i][j] * x[n][c][row][column];
                  }
                }
              }
            }
          }
        }
      }
    }
    return w;
  }
}
