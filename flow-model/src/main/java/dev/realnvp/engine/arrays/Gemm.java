package dev.realnvp.engine.arrays;

import dev.ludovic.netlib.blas.BLAS;
import java.util.Arrays;

/**
 * Products of row-major matrices in arrays by BLAS, whose matrices are column-major: {@code C = A
 * B} is computed as {@code C^T = B^T A^T}, with every array in place.
 */
public final class Gemm {

  private Gemm() {}

  /** Whether OpenBLAS computes the products; otherwise plain Java does, correctly and slowly. */
  public static boolean isNative() {
    return NativeBlas.isNative();
  }

  /** OpenBLAS's name of the kernels that it has taken in this process. */
  public static String kernels() {
    return NativeBlas.kernels();
  }

  /** The first product that this process computes wrong; null if all are right. */
  public static String fault() {
    return NativeBlas.fault();
  }

  /** {@code C = A B}: C is {@code [rows, columns]}, A {@code [rows, inner]}. */
  public static void multiply(int rows, int columns, int inner, Matrix a, Matrix b, Matrix c) {
    multiply(NativeBlas.instance(), rows, columns, inner, a, b, 0, c);
  }

  /** {@code C += A B}. */
  public static void add(int rows, int columns, int inner, Matrix a, Matrix b, Matrix c) {
    multiply(NativeBlas.instance(), rows, columns, inner, a, b, 1, c);
  }

  static void multiply(
      BLAS blas, int rows, int columns, int inner, Matrix a, Matrix b, float beta, Matrix c) {
    blas.sgemm(
        b.transposed() ? "T" : "N",
        a.transposed() ? "T" : "N",
        columns,
        rows,
        inner,
        1,
        b.data().array(),
        b.from(),
        b.stride(),
        a.data().array(),
        a.from(),
        a.stride(),
        beta,
        c.data().array(),
        c.from(),
        c.stride());
  }

  /** {@code sums[from + j] = sum_i a[i, j]}, with A {@code [rows, columns]} and not transposed. */
  public static void sumRows(int rows, int columns, Matrix a, Floats ones, Floats sums, int from) {
    if (ones.array().length < rows) {
      Arrays.fill(ones.ensureCapacity(rows), 1);
    }
    sum(NativeBlas.instance(), "N", columns, rows, a, ones, sums, from);
  }

  /** {@code sums[from + i] = sum_j a[i, j]}, likewise. */
  public static void sumColumns(
      int rows, int columns, Matrix a, Floats ones, Floats sums, int from) {
    if (ones.array().length < columns) {
      Arrays.fill(ones.ensureCapacity(columns), 1);
    }
    sum(NativeBlas.instance(), "T", columns, rows, a, ones, sums, from);
  }

  static void sum(
      BLAS blas, String transpose, int m, int n, Matrix a, Floats ones, Floats sums, int from) {
    blas.sgemv(
        transpose,
        m,
        n,
        1,
        a.data().array(),
        a.from(),
        a.stride(),
        ones.array(),
        0,
        1,
        0,
        sums.array(),
        from,
        1);
  }
}
