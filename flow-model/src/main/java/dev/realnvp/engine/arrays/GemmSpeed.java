package dev.realnvp.engine.arrays;

import java.io.Serializable;

/**
 * The speed of this process's matrix products, on one thread.
 *
 * @param kernels the kernels that OpenBLAS has chosen, as its name of a processor
 * @param gigaflops 1e9 floating-point operations per second
 */
public record GemmSpeed(String kernels, double gigaflops) implements Serializable {

  /** A hidden layer of the default flow, for a batch. */
  private static final int ROWS = 100;

  private static final int WIDTH = 200;

  /** Some milliseconds each; the first ones warm up the library. */
  private static final int PRODUCTS = 50;

  private static final int TIMES = 5;

  /** Measures the speed, in some hundredths of a second; the best of a few runs counts. */
  public static GemmSpeed measure() {
    Matrix a = Matrix.of(Floats.of(new float[ROWS * WIDTH]), WIDTH);
    Matrix b = Matrix.of(Floats.of(new float[WIDTH * WIDTH]), WIDTH);
    Matrix c = Matrix.of(Floats.of(new float[ROWS * WIDTH]), WIDTH);
    double seconds = Double.POSITIVE_INFINITY;
    for (int time = 0; time < TIMES; time++) {
      long start = System.nanoTime();
      for (int product = 0; product < PRODUCTS; product++) {
        Gemm.multiply(ROWS, WIDTH, WIDTH, a, b, c);
      }
      seconds = Math.min(seconds, (System.nanoTime() - start) / 1e9);
    }
    double operations = 2.0 * PRODUCTS * ROWS * WIDTH * WIDTH;
    return new GemmSpeed(Gemm.kernels(), operations / seconds / 1e9);
  }
}
