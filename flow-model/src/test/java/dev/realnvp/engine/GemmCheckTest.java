package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class GemmCheckTest {

  /** What a routine with offsets is called with, by position among BLAS's arguments. */
  private record Call(Object[] arguments) {

    boolean is(Object... first) {
      return Arrays.asList(first).equals(Arrays.asList(arguments).subList(0, first.length));
    }

    float[] result() {
      return (float[]) arguments[arguments.length - 3];
    }
  }

  /** This process's BLAS, but for what is done to the results of one routine. */
  private static BLAS wrong(String routine, Consumer<Call> damage) {
    BLAS right = NativeBlas.instance();
    return (BLAS)
        Proxy.newProxyInstance(
            BLAS.class.getClassLoader(),
            new Class<?>[] {BLAS.class},
            (proxy, method, arguments) -> {
              Object result = invoke(method, right, arguments);
              if (method.getName().equals(routine)) {
                damage.accept(new Call(arguments));
              }
              return result;
            });
  }

  private static Object invoke(Method method, BLAS blas, Object[] arguments) throws Throwable {
    return method.invoke(blas, arguments);
  }

  @Test
  void everyProductOfThisMachinesOpenBlasIsRight() {
    assertThat(NativeBlas.isNative()).isTrue();
    assertThat(GemmCheck.firstFault(NativeBlas.instance())).isNull();
    assertThat(GemmCheck.firstFault(JavaBLAS.getInstance())).isNull();
    assertThat(Gemm.fault()).isNull();
  }

  /** BLAS is asked for the transpose: columns, rows and inner, and B before A. */
  @Test
  void oneWrongValueInOneShapeIsFound() {
    BLAS blas =
        wrong(
            "sgemm",
            call -> {
              if (call.is("N", "T", 7, 33, 20)) {
                call.result()[3 + 32 * (7 + 3) + 6] += 1e-3f;
              }
            });
    assertThat(GemmCheck.firstFault(blas)).startsWith("gemm 33x20x7, A': got").contains("(32, 6)");
  }

  @Test
  void aSmallErrorInALargeShapeIsFound() {
    BLAS blas =
        wrong(
            "sgemm",
            call -> {
              if (call.is("T", "N", 65, 257, 97)) {
                call.result()[3 + 256 * (65 + 3) + 64] *= 1.001f;
              }
            });
    assertThat(GemmCheck.firstFault(blas)).contains("gemm 257x97x65, B'").contains("(256, 64)");
  }

  @Test
  void aWritePastARowIsFound() {
    BLAS blas =
        wrong(
            "sgemm",
            call -> {
              if (call.is("N", "N", 16)) {
                call.result()[3 + 16] = 0;
              }
            });
    assertThat(GemmCheck.firstFault(blas)).contains("wrote outside of its result");
  }

  @Test
  void aWrongSumIsFound() {
    assertThat(GemmCheck.firstFault(wrong("sgemv", call -> call.result()[3] += 1e-3f)))
        .startsWith("gemv 1x1: got");
  }

  @Test
  void wrongKernelsAreRefusedWithTheirNameAndTheWayToOthers() {
    BLAS blas = NativeBlas.instance();
    assertThatCode(() -> NativeBlas.right(blas, null)).doesNotThrowAnyException();
    assertThatIllegalStateException()
        .isThrownBy(() -> NativeBlas.right(blas, "gemm 1x1x1: got 3.0"))
        .withMessageContaining("with its " + Gemm.kernels() + " kernels (gemm 1x1x1: got 3.0)")
        .withMessageContaining("OPENBLAS_CORETYPE=Haswell");
  }
}
