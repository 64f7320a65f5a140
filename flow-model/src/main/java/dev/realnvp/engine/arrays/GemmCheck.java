package dev.realnvp.engine.arrays;

import dev.ludovic.netlib.blas.BLAS;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Is a BLAS right? The products and sums of {@link Gemm}, {@code C = A B}, {@code C += A B} and the
 * sums of rows and columns, for small and odd shapes and all transposes, against plain loops in
 * double precision.
 *
 * <p>A release of OpenBLAS does not know processors that are newer than itself, and a kernel that
 * does not fit them computes wrong results. (One that crashes ends the process, but kernels are
 * chosen by what the processor says that it can do.)
 */
final class GemmCheck {

  /** Below, at and above the width of a vector register. */
  private static final int[] SIZES = {1, 2, 3, 7, 16, 20, 33};

  private static final int[][] SHAPES = {{100, 200, 200}, {100, 20, 200}, {257, 65, 97}};
  private static final boolean[] TRANSPOSES = {false, true};

  /**
   * Elements before every matrix, and columns behind it, that belong to nobody, so that writing
   * outside of it is seen.
   */
  private static final int PADDING = 3;

  private final SplittableRandom random = new SplittableRandom(1);
  private final BLAS blas;
  private String fault;

  private GemmCheck(BLAS blas) {
    this.blas = blas;
  }

  /**
   * The first product that is wrong, described with its shape and values.
   *
   * @return null if all are right
   */
  static String firstFault(BLAS blas) {
    GemmCheck check = new GemmCheck(blas);
    for (int m : SIZES) {
      for (int n : SIZES) {
        for (int k : SIZES) {
          check.shape(m, n, k);
        }
      }
    }
    for (int[] shape : SHAPES) {
      check.shape(shape[0], shape[1], shape[2]);
    }
    return check.fault;
  }

  private void shape(int m, int n, int k) {
    for (boolean transA : TRANSPOSES) {
      for (boolean transB : TRANSPOSES) {
        product(transA, transB, 0, m, n, k);
        product(transA, transB, 1, m, n, k);
      }
      sums(transA, m, k);
    }
  }

  private void product(boolean transA, boolean transB, int beta, int m, int n, int k) {
    Operand a = random(m, k, transA);
    Operand b = random(k, n, transB);
    Operand c = random(m, n, false);
    Operand actual = c.copy();
    Gemm.multiply(blas, m, n, k, a.matrix(), b.matrix(), beta, actual.matrix());
    String what = "gemm %dx%dx%d".formatted(m, k, n);
    compare(what + (transA ? ", A'" : "") + (transB ? ", B'" : ""), a, b, beta, c, actual);
  }

  /** {@code op(A) 1}, A {@code [m, k]} as it is stored. */
  private void sums(boolean rows, int m, int k) {
    Operand a = random(m, k, false);
    Operand ones = new Operand(new float[PADDING + Math.max(m, k)], rows ? m : k, 1, 1, false);
    Arrays.fill(ones.values, 1);
    int length = rows ? k : m;
    Operand c = new Operand(new float[length + 2 * PADDING], length, 1, 1, false);
    Operand actual = c.copy();
    Gemm.sum(
        blas,
        rows ? "N" : "T",
        k,
        m,
        a.matrix(),
        Floats.of(ones.values),
        Floats.of(actual.values),
        PADDING);
    compare("gemv %dx%d".formatted(m, k), rows ? a.t() : a, ones, 0, c, actual);
  }

  /** Compares with {@code op(A) op(B) + beta C}. */
  private void compare(String what, Operand a, Operand b, int beta, Operand c, Operand actual) {
    float[] rest = actual.values.clone();
    for (int i = 0; i < c.rows; i++) {
      for (int j = 0; j < c.columns; j++) {
        double sum = 0;
        double size = 0;
        for (int l = 0; l < a.columns; l++) {
          double term = (double) a.at(i, l) * b.at(l, j);
          sum += term;
          size += Math.abs(term);
        }
        double expected = sum + beta * (double) c.at(i, j);
        double tolerance = (a.columns + 2) * Math.ulp(1f) * (size + Math.abs(c.at(i, j)));
        if (!(Math.abs(actual.at(i, j) - expected) <= tolerance)) {
          found(
              "%s: got %s at (%d, %d), expected %s"
                  .formatted(what, actual.at(i, j), i, j, expected));
        }
        rest[c.index(i, j)] = c.at(i, j);
      }
    }
    if (!Arrays.equals(rest, c.values)) {
      found(what + ": wrote outside of its result");
    }
  }

  private void found(String next) {
    fault = fault == null ? next : fault;
  }

  private Operand random(int rows, int columns, boolean transposed) {
    int stride = (transposed ? rows : columns) + PADDING;
    float[] values = new float[PADDING + stride * (transposed ? columns : rows)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return new Operand(values, rows, columns, stride, transposed);
  }

  /** {@code op(A)} as it is multiplied: [rows, columns] over stored values. */
  private record Operand(float[] values, int rows, int columns, int stride, boolean transposed) {

    Matrix matrix() {
      return new Matrix(Floats.of(values), PADDING, stride, transposed);
    }

    Operand copy() {
      return new Operand(values.clone(), rows, columns, stride, transposed);
    }

    Operand t() {
      return new Operand(values, columns, rows, stride, !transposed);
    }

    int index(int row, int column) {
      return PADDING + (transposed ? column * stride + row : row * stride + column);
    }

    float at(int row, int column) {
      return values[index(row, column)];
    }
  }
}
