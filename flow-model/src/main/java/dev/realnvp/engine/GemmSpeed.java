package dev.realnvp.engine;

import java.io.Serializable;
import java.util.function.LongSupplier;

/**
 * How fast this process's products are, on one thread.
 *
 * @param kernels the kernels that OpenBLAS has chosen, by its name of the processor
 * @param gigaflops 1e9 floating-point operations a second
 */
public record GemmSpeed(String kernels, double gigaflops) implements Serializable {

  /** A hidden layer of the default flow, for a batch. */
  private static final int ROWS = 100;

  private static final int WIDTH = 200;

  /** Some milliseconds each: the first ones wake the library up. */
  private static final int PRODUCTS = 50;

  private static final int TIMES = 5;

  /** Measures, which takes some hundredths of a second; the best of a few counts. */
  public static GemmSpeed measure() {
    return measure(System::nanoTime);
  }

  /** By a clock of nanoseconds, read before and after each time. */
  static GemmSpeed measure(LongSupplier clock) {
    Matrix a = Matrix.of(Floats.of(new float[ROWS * WIDTH]), WIDTH);
    Matrix b = Matrix.of(Floats.of(new float[WIDTH * WIDTH]), WIDTH);
    Matrix c = Matrix.of(Floats.of(new float[ROWS * WIDTH]), WIDTH);
    double seconds = Double.POSITIVE_INFINITY;
    for (int time = 0; time < TIMES; time++) {
      long start = clock.getAsLong();
      for (int product = 0; product < PRODUCTS; product++) {
        Gemm.multiply(ROWS, WIDTH, WIDTH, a, b, c);
      }
      seconds = Math.min(seconds, (clock.getAsLong() - start) / 1e9);
    }
    double operations = 2.0 * PRODUCTS * ROWS * WIDTH * WIDTH;
    return new GemmSpeed(Gemm.kernels(), operations / seconds / 1e9);
  }
}
