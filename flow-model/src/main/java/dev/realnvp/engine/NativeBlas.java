package dev.realnvp.engine;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * ND4J's OpenBLAS, called by netlib's binding: that one passes the array itself with an offset,
 * where JavaCPP's copies a whole array at every call, there and back.
 */
final class NativeBlas {

  /** Where netlib's binding looks for the library's path. */
  private static final String PATH = "dev.ludovic.netlib.blas.nativeLibPath";

  private static final BLAS INSTANCE = load();

  private NativeBlas() {}

  /** The native one; plain Java's where netlib has no binding for the platform. */
  static BLAS instance() {
    return INSTANCE;
  }

  /** The library's file. */
  static Path library() {
    return Path.of(Loader.load(openblas.class)).resolveSibling("libopenblas.so.0");
  }

  private static BLAS load() {
    Path library = library();
    if (System.getProperty(PATH) == null) {
      System.setProperty(PATH, library.toString());
    }
    try {
      return NativeBLAS.getInstance();
    } catch (RuntimeException | LinkageError e) {
      return JavaBLAS.getInstance();
    }
  }
}
