package dev.realnvp.engine.arrays;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What OpenBLAS and OpenMP read in this process's environment when they load: which kernels to
 * take, and how many threads. Java cannot change its environment; the C library's {@code setenv}
 * can. What the user has set stays.
 */
final class NativeEnvironment {

  private static final String CORETYPE = "OPENBLAS_CORETYPE";

  private static final List<String> AVX512 =
      List.of("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd");

  private static final List<String> AVX2 = List.of("avx2", "fma");

  private NativeEnvironment() {}

  /** Called before the libraries load. An empty core type leaves the choice to OpenBLAS. */
  static void prepare() {
    String asked = System.getenv(CORETYPE);
    try {
      // The workers already use all cores, and small products do not gain from more threads.
      call("setenv", "OMP_NUM_THREADS", "1", 0);
      if (asked == null) {
        coretype(Path.of("/proc/cpuinfo")).ifPresent(type -> call("setenv", CORETYPE, type, 0));
      } else if (asked.isEmpty()) {
        // OpenBLAS would look for kernels of no name.
        call("unsetenv", CORETYPE);
      }
    } catch (LinkageError e) {
      // No setenv, on Windows say: the libraries choose by themselves.
    }
  }

  private static void call(String function, Object... arguments) {
    NativeLibrary.getProcess().getFunction(function).invokeInt(arguments);
  }

  /**
   * The fastest kernels of OpenBLAS 0.3.19 that this processor's flags allow. That release does not
   * know newer processors, and takes its slowest kernels there unless it is told.
   *
   * @param cpuinfo as Linux writes it
   * @return their name; empty if the choice is OpenBLAS's
   */
  static Optional<String> coretype(Path cpuinfo) {
    String processor;
    try {
      processor = Files.readString(cpuinfo).split("\n\\s*\n", 2)[0];
    } catch (IOException e) {
      return Optional.empty();
    }
    List<String> flags = List.of(field(processor, "flags").split(" "));
    if (flags.containsAll(AVX512)) {
      return Optional.of("SkylakeX");
    }
    if (!flags.containsAll(AVX2)) {
      return Optional.empty();
    }
    return Optional.of(field(processor, "vendor_id").equals("AuthenticAMD") ? "Zen" : "Haswell");
  }

  private static String field(String processor, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + "[ \\t]*:[ \\t]*(.*)$").matcher(processor);
    return line.find() ? line.group(1) : "";
  }
}
