package dev.realnvp.model;

import static org.bytedeco.openblas.global.openblas.CblasColMajor;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.openblas.global.openblas;

/**
 * Is this process's OpenBLAS right? {@code C = alpha op(A) op(B) + beta C} and {@code y = alpha
 * op(A) x + beta y} for small and odd shapes, both storage orders and all transposes, against plain
 * loops in double precision.
 *
 * <p>OpenBLAS picks its kernels once, when it loads, by the processor or by the environment
 * variable {@code OPENBLAS_CORETYPE}. A release does not know processors that are newer than
 * itself, and a kernel that does not fit crashes or computes wrong results. So the launch scripts
 * run this class in a process of its own before they trust a setting: exit code 0 is right, 1 is
 * wrong, anything else is a crash.
 */
public final class GemmCheck {
  private static final int[] SIZES = {1, 2, 3, 7, 16, 20, 33};
  private static final int[][] SHAPES = {{100, 200, 200}, {100, 20, 200}, {257, 65, 97}};
  private static final int[] ORDERS = {CblasRowMajor, CblasColMajor};
  private static final int[] TRANSPOSES = {CblasNoTrans, CblasTrans};
  private static final float ALPHA = 0.75f;
  private static final float BETA = -0.5f;

  /** Columns of every matrix that belong to nobody, so that writing past a row is seen. */
  private static final int PADDING = 3;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Sgemm sgemm;
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

  GemmCheck(Sgemm sgemm) {
    this.sgemm = sgemm;
  }

  /**
   * Runs the check; its exit code is the verdict.
   *
   * @param args none
   */
  public static void main(String[] args) {
    GemmCheck check = new GemmCheck(openblas::cblas_sgemm);
    String fault = check.firstFault();
    if (fault != null) {
      System.out.println("OpenBLAS is wrong: " + fault);
      System.exit(1);
    }
    System.out.println("OpenBLAS is right: " + check.checked + " products");
  }

  /**
   * The first product that is wrong, described with its shape and values.
   *
   * @return null where all are right
   */
  String firstFault() {
    for (int m : SIZES) {
      for (int n : SIZES) {
        for (int k : SIZES) {
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
    for (int order : ORDERS) {
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
    Matrix a = matrix(order, transA, m, k);
    Matrix b = matrix(order, transB, k, n);
    Matrix c = matrix(order, CblasNoTrans, m, n);
    float[] actual = c.values.clone();
    sgemm.multiply(
        order, transA, transB, m, n, k, ALPHA, a.values, a.lead, b.values, b.lead, BETA, actual,
        c.lead);
    String what =
        String.format("gemm %dx%dx%d, order %d, transposes %d %d", m, k, n, order, transA, transB);
    return compare(what, a, b, c, actual);
  }

  private String gemv(int order, int transA, int m, int k) {
    Matrix a = matrix(order, transA, m, k);
    Matrix x = matrix(CblasColMajor, CblasNoTrans, k, 1);
    Matrix y = matrix(CblasColMajor, CblasNoTrans, m, 1);
    float[] actual = y.values.clone();
    int rows = transA == CblasNoTrans ? m : k;
    int columns = transA == CblasNoTrans ? k : m;
    cblas_sgemv(
        order, transA, rows, columns, ALPHA, a.values, a.lead, x.values, 1, BETA, actual, 1);
    String what = String.format("gemv %dx%d, order %d, transpose %d", m, k, order, transA);
    return compare(what, a, x, y, actual);
  }

  /** Compares {@code actual}, stored as {@code c} is, with {@code alpha a b + beta c}. */
  private String compare(String what, Matrix a, Matrix b, Matrix c, float[] actual) {
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
        double expected = ALPHA * sum + BETA * (double) c.at(i, j);
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

  private Matrix matrix(int order, int transpose, int rows, int columns) {
    boolean rowsAreContiguous = (order == CblasRowMajor) == (transpose == CblasNoTrans);
    int lead = (rowsAreContiguous ? columns : rows) + PADDING;
    float[] values = new float[lead * (rowsAreContiguous ? rows : columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return rowsAreContiguous
        ? new Matrix(values, rows, columns, lead, lead, 1)
        : new Matrix(values, rows, columns, lead, 1, lead);
  }

  /** {@code op(A)} as it is multiplied: [rows, columns] over stored values with a leading size. */
  private record Matrix(
      float[] values, int rows, int columns, int lead, int rowStep, int columnStep) {
    int index(int row, int column) {
      return row * rowStep + column * columnStep;
    }

    float at(int row, int column) {
      return values[index(row, column)];
    }
  }
}
