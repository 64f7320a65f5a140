package dev.realnvp.model;

import static org.bytedeco.openblas.global.openblas.CblasColMajor;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.openblas.global.openblas;

/**
 * Checks whether this process's OpenBLAS is correct: {@code C = alpha op(A) op(B) + beta C} and
 * {@code y = alpha op(A) x + beta y} for small and odd shapes, both storage orders and all
 * transposes, against plain loops in double precision.
 *
 * <p>OpenBLAS chooses its kernels once, when it loads, by the processor or by the environment
 * variable {@code OPENBLAS_CORETYPE}. A release does not know newer processors, and an unsuitable
 * kernel crashes or computes wrong results. So the launch scripts run this class in a separate
 * process before they trust a setting: exit code 0 is correct, 1 is wrong, anything else is a
 * crash. Every job also runs {@link #ofEngine} in each of its processes, because their processors
 * may differ.
 */
public final class GemmCheck {
  private static final int[] SIZES = {1, 2, 3, 7, 16, 20, 33};

  /**
   * Below, at and above the width of a vector register; all of them take less than a tenth of a
   * second.
   */
  private static final int[] FEW_SIZES = {1, 7, 16, 33};

  private static final int[][] SHAPES = {{100, 200, 200}, {100, 20, 200}, {257, 65, 97}};
  private static final int[] TRANSPOSES = {CblasNoTrans, CblasTrans};

  /** Unused columns of every matrix, so that writing past a row is detected. */
  private static final int PADDING = 3;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sgemm sgemm;
  private final int[] sizes;
  private final int[] orders;
  private final float alpha;
  private final float beta;
  private int checked;

  /** The arguments of {@code cblas_sgemm}. */
  interface Sgemm {
    void multiply(
        int order,
        int transA,
        int transB,
        int m,
        int n,
        int k,
        float alpha,
        float[] a,
        int lda,
        float[] b,
        int ldb,
        float beta,
        float[] c,
        int ldc);
  }

  private GemmCheck(Sgemm sgemm, int[] sizes, int[] orders, float alpha, float beta) {
    this.sgemm = sgemm;
    this.sizes = sizes;
    this.orders = orders;
    this.alpha = alpha;
    this.beta = beta;
  }

  /** Checks everything that {@code cblas_sgemm} can do. */
  static GemmCheck of(Sgemm sgemm) {
    return new GemmCheck(sgemm, SIZES, new int[] {CblasRowMajor, CblasColMajor}, 0.75f, -0.5f);
  }

  /**
   * Checks the products that {@link Gemm} uses, {@code C = C + op(A) op(B)} in row-major arrays,
   * with fewer sizes.
   */
  public static GemmCheck ofEngine() {
    return ofEngine(
        (order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) ->
            Gemm.add(
                m,
                n,
                k,
                engine(a, lda, transA),
                engine(b, ldb, transB),
                engine(c, ldc, CblasNoTrans)));
  }

  static GemmCheck ofEngine(Sgemm sgemm) {
    return new GemmCheck(sgemm, FEW_SIZES, new int[] {CblasRowMajor}, 1, 1);
  }

  private static Matrix engine(float[] values, int lead, int transpose) {
    return new Matrix(Floats.of(values), 0, lead, transpose == CblasTrans);
  }

  /**
   * Runs the check; its exit code is the verdict.
   *
   * @param args none
   */
  public static void main(String[] args) {
    GemmCheck check = of(openblas::cblas_sgemm);
    String fault = check.firstFault();
    if (fault != null) {
      System.out.println("OpenBLAS is wrong: " + fault);
      System.exit(1);
    }
    System.out.println("OpenBLAS is right: " + check.checked + " products");
  }

  /**
   * The first wrong product, described with its shape and values.
   *
   * @return null if all are right
   */
  public String firstFault() {
    for (int m : sizes) {
      for (int n : sizes) {
        for (int k : sizes) {
          String fault = shape(m, n, k);
          if (fault != null) {
            return fault;
          }
        }
      }
    }
    for (int[] shape : SHAPES) {
      String fault = shape(shape[0], shape[1], shape[2]);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private String shape(int m, int n, int k) {
    for (int order : orders) {
      for (int transA : TRANSPOSES) {
        for (int transB : TRANSPOSES) {
          String fault = gemm(order, transA, transB, m, n, k);
          if (fault != null) {
            return fault;
          }
        }
        String fault = gemv(order, transA, m, k);
        if (fault != null) {
          return fault;
        }
      }
    }
    return null;
  }

  private String gemm(int order, int transA, int transB, int m, int n, int k) {
    Operand a = matrix(order, transA, m, k);
    Operand b = matrix(order, transB, k, n);
    Operand c = matrix(order, CblasNoTrans, m, n);
    float[] actual = c.values.clone();
    sgemm.multiply(
        order, transA, transB, m, n, k, alpha, a.values, a.lead, b.values, b.lead, beta, actual,
        c.lead);
    String what =
        String.format("gemm %dx%dx%d, order %d, transposes %d %d", m, k, n, order, transA, transB);
    return compare(what, a, b, c, actual);
  }

  private String gemv(int order, int transA, int m, int k) {
    Operand a = matrix(order, transA, m, k);
    Operand x = matrix(CblasColMajor, CblasNoTrans, k, 1);
    Operand y = matrix(CblasColMajor, CblasNoTrans, m, 1);
    float[] actual = y.values.clone();
    int rows = transA == CblasNoTrans ? m : k;
    int columns = transA == CblasNoTrans ? k : m;
    cblas_sgemv(
        order, transA, rows, columns, alpha, a.values, a.lead, x.values, 1, beta, actual, 1);
    String what = String.format("gemv %dx%d, order %d, transpose %d", m, k, order, transA);
    return compare(what, a, x, y, actual);
  }

  /** Compares {@code actual}, stored as {@code c} is, with {@code alpha a b + beta c}. */
  private String compare(String what, Operand a, Operand b, Operand c, float[] actual) {
    checked++;
    float[] rest = actual.clone();
    for (int i = 0; i < c.rows; i++) {
      for (int j = 0; j < c.columns; j++) {
        double sum = 0;
        double size = 0;
        for (int l = 0; l < a.columns; l++) {
          double term = (double) a.at(i, l) * b.at(l, j);
          sum += term;
          size += Math.abs(term);
        }
        double expected = alpha * sum + beta * (double) c.at(i, j);
        double tolerance = (a.columns + 2) * Math.ulp(1f) * (size + Math.abs(c.at(i, j)));
        int index = c.index(i, j);
        if (!(Math.abs(actual[index] - expected) <= tolerance)) {
          return String.format(
              "%s: got %s at (%d, %d), expected %s", what, actual[index], i, j, expected);
        }
        rest[index] = c.values[index];
      }
    }
    return Arrays.equals(rest, c.values) ? null : what + ": wrote outside of its result";
  }

  private Operand matrix(int order, int transpose, int rows, int columns) {
    boolean rowsAreContiguous = (order == CblasRowMajor) == (transpose == CblasNoTrans);
    int lead = (rowsAreContiguous ? columns : rows) + PADDING;
    float[] values = new float[lead * (rowsAreContiguous ? rows : columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return rowsAreContiguous
        ? new Operand(values, rows, columns, lead, lead, 1)
        : new Operand(values, rows, columns, lead, 1, lead);
  }

  /** {@code op(A)}: [rows, columns] over stored values with a leading dimension. */
  private record Operand(
      float[] values, int rows, int columns, int lead, int rowStep, int columnStep) {
    int index(int row, int column) {
      return row * rowStep + column * columnStep;
    }

    float at(int row, int column) {
      return values[index(row, column)];
    }
  }
}
