package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;

import org.bytedeco.openblas.global.openblas;
import org.junit.jupiter.api.Test;

class GemmCheckTest {
  @Test
  void everyProductOfThisMachinesOpenBlasIsRight() {
    assertThat(GemmCheck.of(openblas::cblas_sgemm).firstFault()).isNull();
  }

  @Test
  void oneWrongValueInOneShapeIsFound() {
    GemmCheck check =
        GemmCheck.of(
            (order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) -> {
              openblas.cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
              if (m == 33 && n == 7 && k == 20 && ta == CblasTrans && order == CblasRowMajor) {
                c[32 * ldc + 6] += 1e-3f;
              }
            });
    assertThat(check.firstFault()).contains("gemm 33x20x7").contains("(32, 6)");
  }

  @Test
  void aWritePastARowIsFound() {
    GemmCheck check =
        GemmCheck.of(
            (order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) -> {
              openblas.cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
              if (n == 16 && order == CblasRowMajor && tb == CblasNoTrans) {
                c[n] = 0;
              }
            });
    assertThat(check.firstFault()).contains("wrote outside of its result");
  }

  @Test
  void everyProductOfTheEngineIsRight() {
    assertThat(GemmCheck.ofEngine().firstFault()).isNull();
  }

  @Test
  void oneWrongValueOfTheEngineIsFound() {
    GemmCheck check =
        GemmCheck.ofEngine(
            (order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) -> {
              openblas.cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
              if (m == 257 && tb == CblasTrans) {
                c[256 * ldc + 64] *= 1.001f;
              }
            });
    assertThat(check.firstFault()).contains("gemm 257x97x65").contains("(256, 64)");
  }
}
