package dev.realnvp.engine.arrays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeEnvironmentTest {

  private static final String AVX512 = "avx512f avx512dq avx512bw avx512vl avx512cd";

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "fma avx2 " + AVX512 + ", AuthenticAMD, SkylakeX",
    AVX512 + " avx2 fma, GenuineIntel, SkylakeX",
    "fma avx2 avx512f avx512dq avx512bw avx512cd, GenuineIntel, Haswell",
    "fma avx2 avx512f avx512dq avx512bw avx512cd avx512vlx, AuthenticAMD, Zen",
    "fma avx2, AuthenticAMD, Zen",
    "fma avx2, HygonGenuine, Haswell",
    "avx2 fma4, GenuineIntel,",
    "fma avx, AuthenticAMD,",
    "'', AuthenticAMD,"
  })
  void theKernelsFollowFromTheProcessorsFlags(String flags, String vendor, String kernels)
      throws IOException {
    String processor =
        """
        processor\t: 0
        vendor_id\t: %s
        model name\t: One: of many
        flags\t\t: fpu %s lm
        bugs\t\t:
        """
            .formatted(vendor, flags);
    assertThat(coretype(processor).orElse(null)).isEqualTo(kernels);
    // The first processor counts, and another line's words do not.
    assertThat(coretype(processor + "\nvendor_id\t: X\nflags\t\t: " + AVX512 + "\n").orElse(null))
        .isEqualTo(kernels);
    assertThat(coretype("vmx flags\t: avx2 fma " + AVX512 + "\n" + processor).orElse(null))
        .isEqualTo(kernels);
  }

  private Optional<String> coretype(String cpuinfo) throws IOException {
    return NativeEnvironment.coretype(Files.writeString(temp.resolve("cpuinfo"), cpuinfo));
  }

  /** Of another architecture, of another system, or of none. */
  @Test
  void whereNothingIsKnownTheChoiceIsOpenBlass() throws IOException {
    assertThat(coretype("processor\t: 0\nFeatures\t: fp asimd avx2 fma\n")).isEmpty();
    assertThat(coretype("")).isEmpty();
    Path bytes = Files.write(temp.resolve("bytes"), new byte[] {'f', (byte) 0xff, ':', ' '});
    assertThat(NativeEnvironment.coretype(bytes)).isEmpty();
    assertThat(NativeEnvironment.coretype(temp.resolve("none"))).isEmpty();
    assertThat(NativeEnvironment.coretype(temp)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "gemm nd4j"})
  void aPlainProgramHasTheProcessorsKernelsAndOneThread(String order) throws Exception {
    String expected = NativeEnvironment.coretype(Path.of("/proc/cpuinfo")).orElse("");
    assumeThat(expected).isNotEmpty();
    List<String> said = probe(Map.of(), order);
    assertThat(said).contains("product 200.0");
    assertThat(said)
        .contains(
            "thread: " + expected + " kernels, 1 threads",
            "other thread: " + expected + " kernels, 1 threads",
            "nd4j 1",
            "backend ProcessorBackend");
  }

  /** Kernels that every x86-64 has, and that nobody chooses. */
  @Test
  void whatTheUserHasSetStays() throws Exception {
    int threads = Math.min(2, Runtime.getRuntime().availableProcessors());
    assertThat(
            probe(
                Map.of("OPENBLAS_CORETYPE", "Prescott", "OMP_NUM_THREADS", "" + threads),
                "nd4j gemm"))
        .contains("thread: Prescott kernels, " + threads + " threads", "nd4j " + threads);
    assertThat(probe(Map.of("OPENBLAS_NUM_THREADS", "" + threads), "gemm nd4j"))
        .anyMatch(line -> line.matches("thread: \\w+ kernels, " + threads + " threads"))
        .contains("nd4j 1");
  }

  /** With an empty name it would take the first ones that it finds. */
  @Test
  void anEmptyNameLeavesTheChoiceToOpenBlas() throws Exception {
    List<String> own = probe(Map.of("OPENBLAS_CORETYPE", ""), "gemm");
    assertThat(own).anyMatch(line -> line.matches("thread: [A-Z]\\w+ kernels, 1 threads"));
    if (NativeEnvironment.coretype(Path.of("/proc/cpuinfo")).orElse("").equals("Zen")) {
      assertThat(own).contains("thread: Zen kernels, 1 threads");
    }
  }

  private List<String> probe(Map<String, String> environment, String order) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // As quick as this JVM.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-XX:"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Dorg.bytedeco.javacpp.platform.extension="
                + System.getProperty("org.bytedeco.javacpp.platform.extension", ""),
            "-cp",
            System.getProperty("java.class.path"),
            NativeProbe.class.getName()));
    command.addAll(List.of(order.split(" ")));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeAll(List.of("OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }
}
