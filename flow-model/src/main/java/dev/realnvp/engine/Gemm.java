package dev.realnvp.engine;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import java.util.Arrays;

/** Products of matrices in arrays, by OpenBLAS; nothing is copied. */
public final class Gemm {

  private Gemm() {}

  /** {@code C = A B}: C is {@code [rows, columns]}, A {@code [rows, inner]}. */
  public static void multiply(int rows, int columns, int inner, Matrix a, Matrix b, Matrix c) {
    multiply(rows, columns, inner, a, b, 0, c);
  }

  /** {@code C += A B}. */
  public static void add(int rows, int columns, int inner, Matrix a, Matrix b, Matrix c) {
    multiply(rows, columns, inner, a, b, 1, c);
  }

  private static void multiply(
      int rows, int columns, int inner, Matrix a, Matrix b, float beta, Matrix c) {
    cblas_sgemm(
        CblasRowMajor,
        a.transposed() ? CblasTrans : CblasNoTrans,
        b.transposed() ? CblasTrans : CblasNoTrans,
        rows,
        columns,
        inner,
        1,
        a.data().from(a.from()),
        a.stride(),
        b.data().from(b.from()),
        b.stride(),
        beta,
        c.data().from(c.from()),
        c.stride());
  }

  /** {@code sums[from + j] = sum_i a[i, j]}, with A {@code [rows, columns]} and not transposed. */
  public static void sumRows(int rows, int columns, Matrix a, Floats ones, Floats sums, int from) {
    if (ones.array().length < rows) {
      Arrays.fill(ones.atLeast(rows), 1);
    }
    cblas_sgemv(
        CblasRowMajor,
        CblasTrans,
        rows,
        columns,
        1,
        a.data().from(a.from()),
        a.stride(),
        ones.from(0),
        1,
        0,
        sums.from(from),
        1);
  }
}
