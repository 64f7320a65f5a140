package dev.realnvp.engine.arrays;

import static java.util.stream.Collectors.joining;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmCheckTest {

  /** This process's BLAS, but for what is done to the results of calls that begin like this. */
  private static BLAS wrong(String routine, String first, Consumer<float[]> damage) {
    BLAS right = NativeBlas.instance();
    return (BLAS)
        Proxy.newProxyInstance(
            BLAS.class.getClassLoader(),
            new Class<?>[] {BLAS.class},
            (proxy, method, arguments) -> {
              Object result = invoke(method, right, arguments);
              String call = Arrays.stream(arguments).map(String::valueOf).collect(joining(" "));
              if (method.getName().equals(routine) && call.startsWith(first + " ")) {
                damage.accept((float[]) arguments[arguments.length - 3]);
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

  /**
   * One wrong value, in one shape, in a large one, behind a row, in a sum. BLAS is asked for the
   * transpose: columns, rows and inner, and B before A.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "sgemm; N T 7 33 20; 329; gemm 33x20x7, A': got .*\\(32, 6\\).*",
        "sgemm; T N 65 257 97; 17475; gemm 257x97x65, B': got .*\\(256, 64\\).*",
        "sgemm; N N 16; 19; .*wrote outside of its result",
        "sgemv; N; 3; gemv 1x1: got .*"
      })
  void oneWrongValueIsFound(String routine, String first, int place, String message) {
    BLAS blas = wrong(routine, first, result -> result[place] = result[place] * 1.001f + 1e-3f);
    assertThat(GemmCheck.firstFault(blas)).matches(message);
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
