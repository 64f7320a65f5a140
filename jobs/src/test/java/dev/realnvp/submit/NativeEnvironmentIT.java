package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeEnvironmentIT {
  private static final String CORETYPE = "spark.executorEnv.OPENBLAS_CORETYPE=";
  private static final String AVX512 = "avx512f avx512dq avx512bw avx512vl avx512cd";

  /** A java whose check crashes as SkylakeX, is wrong as Zen and right as Haswell. */
  private static final String FAKE_JAVA =
      """
      #!/usr/bin/env bash
      echo "$OPENBLAS_CORETYPE" >> "$0.log"
      case $OPENBLAS_CORETYPE in
        SkylakeX) kill -ILL $$ ;;
        Zen) exit 1 ;;
      esac
      """;

  @TempDir Path temp;
  private Checkout checkout;

  @BeforeEach
  void copyScripts() throws IOException {
    checkout = Checkout.in(temp.resolve("home"));
  }

  @Test
  void theUsersCoreTypeReachesDriverAndExecutors() {
    ScriptRun run = checkout.with("OPENBLAS_CORETYPE", "Zen").run(checkout.submit("score.sh"));
    assertThat(run.out()).contains("CORETYPE:Zen");
    assertThat(Checkout.arguments(run)).contains(CORETYPE + "Zen");
  }

  @Test
  void anEmptyCoreTypeLeavesTheChoiceToOpenBlas() {
    ScriptRun run = checkout.with("OPENBLAS_CORETYPE", "").run(checkout.submit("score.sh"));
    assertThat(run.out()).contains("CORETYPE:unset");
    assertThat(Checkout.arguments(run)).noneMatch(word -> word.startsWith(CORETYPE));
  }

  @Test
  void theCommandLineComesAfterWhatIsPassedToExecutors() {
    ScriptRun run = checkout.run(checkout.submit("score.sh"), "--conf", CORETYPE + "Prescott");
    assertThat(Checkout.arguments(run))
        .containsSubsequence(CORETYPE + "Haswell", CORETYPE + "Prescott");
  }

  @Test
  void oneThreadUnlessTheUserSaysOtherwise() {
    ScriptRun run = checkout.run(checkout.submit("score.sh"));
    assertThat(run.out()).contains("THREADS:1");
    assertThat(Checkout.arguments(run)).noneMatch(word -> word.contains("OMP_NUM_THREADS"));
    run = checkout.with("OMP_NUM_THREADS", "3").run(checkout.submit("score.sh"));
    assertThat(run.out()).contains("THREADS:3");
    assertThat(Checkout.arguments(run)).contains("spark.executorEnv.OMP_NUM_THREADS=3");
  }

  @ParameterizedTest
  @CsvSource({
    "fma avx2 " + AVX512 + ", AuthenticAMD, SkylakeX Zen Haswell",
    "fma avx2 " + AVX512 + ", GenuineIntel, SkylakeX Haswell",
    "fma avx2 avx512f avx512dq avx512bw avx512cd, GenuineIntel, Haswell",
    "fma avx2, AuthenticAMD, Zen Haswell",
    "avx2, GenuineIntel, ''",
    "fma avx, AuthenticAMD, ''"
  })
  void candidatesFollowFromTheProcessorsFlags(String flags, String vendor, String candidates) {
    ScriptRun run = checkout.bash("coretype_candidates \"$@\"", flags, vendor);
    assertThat(String.join(" ", run.out())).isEqualTo(candidates);
  }

  @Test
  void aCrashAndAWrongResultPassToTheNextAndTheVerdictIsKept() throws IOException {
    Path java = Checkout.executable(temp.resolve("java"), FAKE_JAVA);
    String cpu = cpuinfo("AuthenticAMD", "fma avx2 " + AVX512);
    for (int i = 0; i < 2; i++) {
      ScriptRun run = coretype(java, cpu);
      assertThat(run.out()).containsExactly("Haswell");
      assertThat(Files.readAllLines(temp.resolve("java.log")))
          .containsExactly("SkylakeX", "Zen", "Haswell");
    }
  }

  @Test
  void anotherProcessorIsCheckedAnew() throws IOException {
    Path java = Checkout.executable(temp.resolve("java"), FAKE_JAVA);
    coretype(java, cpuinfo("GenuineIntel", "fma avx2"));
    coretype(java, cpuinfo("GenuineIntel", "fma avx2 sse2"));
    assertThat(Files.readAllLines(temp.resolve("java.log"))).containsExactly("Haswell", "Haswell");
  }

  @Test
  void whereNothingIsRightNothingIsSetAndNothingKept() throws IOException {
    Path java = Checkout.executable(temp.resolve("java"), "#!/bin/sh\nexit 1\n");
    ScriptRun run = coretype(java, cpuinfo("GenuineIntel", "fma avx2"));
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("OpenBLAS failed its check as Haswell");
    assertThat(temp.resolve("cache")).doesNotExist();
  }

  @Test
  void aCacheThatCannotBeWrittenIsDoneWithout() throws IOException {
    checkout.with("XDG_CACHE_HOME", Files.writeString(temp.resolve("file"), "").toString());
    Path java = Checkout.executable(temp.resolve("java"), FAKE_JAVA);
    ScriptRun run = coretype(java, cpuinfo("GenuineIntel", "fma avx2"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).containsExactly("Haswell");
    assertThat(run.err()).isEmpty();
  }

  private ScriptRun coretype(Path java, String cpuinfo) {
    return checkout.bash(
        "set -euo pipefail; coretype \"$@\"", java.toString(), checkout.jar().toString(), cpuinfo);
  }

  private String cpuinfo(String vendor, String flags) throws IOException {
    String one = "vendor_id\t: %s\nmodel\t\t: 1\nflags\t\t: %s\n\n".formatted(vendor, flags);
    return Files.writeString(temp.resolve("cpuinfo"), one + one).toString();
  }
}
