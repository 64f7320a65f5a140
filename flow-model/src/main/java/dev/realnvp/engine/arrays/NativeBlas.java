package dev.realnvp.engine.arrays;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * ND4J's OpenBLAS, called by netlib's binding: that one passes the array itself with an offset,
 * where JavaCPP's copies a whole array at every call, there and back.
 *
 * <p>It is loaded here before anything else loads it, {@link ProcessorBackend} included, with what
 * {@link NativeEnvironment} prepares, and its products are checked once in each process.
 */
final class NativeBlas {

  /** The property in which netlib's binding looks for the library's path. */
  private static final String PATH = "dev.ludovic.netlib.blas.nativeLibPath";

  private static final int RTLD_LAZY = 1;

  /**
   * The same copy as ND4J's: two in one process share symbols, and wait for each other's threads.
   */
  private static final Path LIBRARY = load();

  private static final BLAS INSTANCE = bind();

  /** As many as OpenBLAS has read in the environment. */
  private static final int THREADS =
      isNative() ? function("openblas_get_num_threads").invokeInt(new Object[0]) : 1;

  private static final String FAULT = GemmCheck.firstFault(INSTANCE);

  private NativeBlas() {}

  /**
   * The native one; plain Java's where netlib has no binding for the platform.
   *
   * @throws IllegalStateException if its products are wrong
   */
  static BLAS instance() {
    return right(INSTANCE, FAULT);
  }

  static BLAS right(BLAS blas, String fault) {
    if (fault != null) {
      throw new IllegalStateException(
          ("OpenBLAS computes wrong products with its %s kernels (%s): choose others in the"
                  + " environment of this process, for example OPENBLAS_CORETYPE=Haswell")
              .formatted(kernels(), fault));
    }
    return blas;
  }

  /** The first product that is wrong; null if all are right. */
  static String fault() {
    return FAULT;
  }

  static boolean isNative() {
    return INSTANCE instanceof NativeBLAS;
  }

  /** OpenBLAS's name of the kernels that it has taken. */
  static String kernels() {
    return isNative()
        ? function("openblas_get_corename").invokeString(new Object[0], false)
        : "plain Java";
  }

  /** How many threads a product may have. */
  static int threads() {
    return THREADS;
  }

  private static Path load() {
    NativeEnvironment.prepare();
    return Path.of(Loader.load(openblas_nolapack.class))
        .resolveSibling("libopenblas_nolapack.so.0");
  }

  /** The library stays as local as it is: JNA would open it to all that others look for. */
  private static Function function(String name) {
    Map<String, ?> local = Map.of(Library.OPTION_OPEN_FLAGS, RTLD_LAZY);
    return NativeLibrary.getInstance(LIBRARY.toString(), local).getFunction(name);
  }

  private static BLAS bind() {
    if (System.getProperty(PATH) == null) {
      System.setProperty(PATH, LIBRARY.toString());
    }
    try {
      return NativeBLAS.getInstance();
    } catch (RuntimeException | LinkageError e) {
      return JavaBLAS.getInstance();
    }
  }
}
