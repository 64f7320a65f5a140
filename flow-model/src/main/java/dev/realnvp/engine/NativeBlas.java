package dev.realnvp.engine;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * ND4J's OpenBLAS, called through netlib's binding, which passes the array itself with an offset.
 * JavaCPP's binding copies the complete array at every call, there and back.
 */
final class NativeBlas {

  /** The property in which netlib's binding looks for the library's path. */
  private static final String PATH = "dev.ludovic.netlib.blas.nativeLibPath";

  private static final BLAS INSTANCE = load();

  private NativeBlas() {}

  /** The native implementation; plain Java's if netlib has no binding for the platform. */
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
