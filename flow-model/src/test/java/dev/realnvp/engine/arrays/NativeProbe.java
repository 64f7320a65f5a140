package dev.realnvp.engine.arrays;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A program that touches the native libraries in the order that it is told, and says what they do.
 */
final class NativeProbe {

  private NativeProbe() {}

  /**
   * @param args {@code nd4j} or {@code gemm}, in any order and number
   */
  public static void main(String[] args) throws Exception {
    for (String library : args) {
      if (library.equals("nd4j")) {
        INDArray ones = Nd4j.ones(200, 200);
        System.out.println("product " + ones.mmul(ones).getFloat(0, 0));
      } else {
        Gemm.multiply(1, 1, 1, one(), one(), one());
      }
    }
    openblas("thread");
    Thread other = new Thread(() -> openblas("other thread"));
    other.start();
    other.join();
    System.out.println("nd4j " + Nd4j.getEnvironment().maxThreads());
    System.out.println("backend " + Nd4j.getBackend().getClass().getSimpleName());
    System.exit(0);
  }

  private static Matrix one() {
    return Matrix.of(Floats.of(new float[1]), 1);
  }

  /** By the library that ND4J has, without a word to this project's own classes. */
  private static void openblas(String where) {
    String library =
        Loader.load(openblas_nolapack.class)
            .replace("libjniopenblas_nolapack.so", "libopenblas_nolapack.so.0");
    NativeLibrary openblas =
        NativeLibrary.getInstance(library, Map.of(Library.OPTION_OPEN_FLAGS, 1));
    Object[] none = {};
    System.out.printf(
        "%s: %s kernels, %d threads%n",
        where,
        openblas.getFunction("openblas_get_corename").invokeString(none, false),
        openblas.getFunction("openblas_get_num_threads").invokeInt(none));
  }
}
