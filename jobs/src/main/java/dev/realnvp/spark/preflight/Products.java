package dev.realnvp.spark.preflight;

import dev.realnvp.engine.Gemm;
import java.io.Serializable;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/**
 * The result of checking a process's matrix products.
 *
 * @param detail the kernels, and what is wrong
 */
record Products(State state, String detail) implements Serializable {

  /** The verdicts, from good to bad. */
  enum State {
    RIGHT,
    /** Correct and slow, because netlib's binding has no native code here. */
    PLAIN_JAVA,
    WRONG,
    NOT_LOADED
  }

  /** Loads this process's native libraries; its products are compared with plain loops then. */
  static Products here() {
    try {
      String kernels = Gemm.kernels() + " kernels";
      Loader.load(Nd4jCpu.class);
      if (Gemm.fault() != null) {
        return new Products(State.WRONG, kernels + ", " + Gemm.fault());
      }
      return new Products(Gemm.isNative() ? State.RIGHT : State.PLAIN_JAVA, kernels);
    } catch (LinkageError | RuntimeException e) {
      return new Products(State.NOT_LOADED, Reason.of(e));
    }
  }
}
