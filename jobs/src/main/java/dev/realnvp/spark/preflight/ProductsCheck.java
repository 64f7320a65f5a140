package dev.realnvp.spark.preflight;

/** Checks that the native library loads, and multiplies correctly. */
final class ProductsCheck {

  /** What to change if executors crash, or multiply wrongly. */
  static final String EXECUTORS_KERNELS =
      "have OpenBLAS take other kernels with --conf spark.executorEnv.OPENBLAS_CORETYPE=Haswell, say";

  private static final String DRIVERS_KERNELS =
      "have OpenBLAS take other kernels with OPENBLAS_CORETYPE=Haswell in the environment, say";

  private ProductsCheck() {}

  static Verdict of(ProcessFacts process) {
    Products products = process.products();
    return switch (products.state()) {
      case RIGHT -> Verdict.ok("OpenBLAS loads and multiplies right with its " + products.detail());
      case PLAIN_JAVA ->
          Verdict.warning(
              "netlib has no native code for this platform, so that products are plain Java's",
              "expect them to be many times slower");
      case WRONG ->
          Verdict.error(
              "OpenBLAS computes wrong products (" + products.detail() + ")",
              process.isDriver() ? DRIVERS_KERNELS : EXECUTORS_KERNELS);
      case NOT_LOADED ->
          Verdict.error(
              "the native library does not load (" + products.detail() + ")",
              "build for this platform (mvn package), and let java.io.tmpdir and ~/.javacpp be"
                  + " writable and executable");
    };
  }
}
