package dev.realnvp.engine.arrays;

import org.nd4j.linalg.cpu.nativecpu.CpuBackend;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * ND4J's backend on processors, whose OpenBLAS is {@link NativeBlas}. ND4J finds it by {@code
 * META-INF/services}: so OpenBLAS has the right kernels whoever touches ND4J first, a program's own
 * code too.
 */
public final class ProcessorBackend extends CpuBackend {

  /** Made by ND4J. */
  public ProcessorBackend() {}

  /** Asked before the one that it extends. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** ND4J asks before it loads anything native. */
  @Override
  public boolean isAvailable() {
    NativeBlas.threads();
    return super.isAvailable();
  }

  /**
   * Called last. By then ND4J has taken a thread for each core, unless Java knows of {@code
   * OMP_NUM_THREADS}: those that the libraries themselves read in the environment stand.
   */
  @Override
  public void logBackendInit() {
    Nd4j.factory().blas().setMaxThreads(NativeBlas.threads());
    NativeOpsHolder.getInstance()
        .getDeviceNativeOps()
        .setOmpNumThreads(getEnvironment().maxThreads());
    super.logBackendInit();
  }
}
