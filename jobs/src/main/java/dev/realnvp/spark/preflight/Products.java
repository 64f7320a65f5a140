package dev.realnvp.spark.preflight;

import dev.realnvp.engine.Gemm;
import dev.realnvp.model.GemmCheck;
import java.io.Serializable;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/**
 * The result of checking a process's matrix products.
 *
 * @param detail of an error, empty otherwise
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

  /** Loads this process's native libraries, and compares its products with plain loops. */
  static Products here() {
    try {
      Loader.load(Nd4jCpu.class);
      String fault = GemmCheck.ofEngine().firstFault();
      if (fault != null) {
        return new Products(State.WRONG, fault);
      }
      return new Products(Gemm.isNative() ? State.RIGHT : State.PLAIN_JAVA, "");
    } catch (LinkageError | RuntimeException e) {
      return new Products(State.NOT_LOADED, Reason.of(e));
    }
  }
}
