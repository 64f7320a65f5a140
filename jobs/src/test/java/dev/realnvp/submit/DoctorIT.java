package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorIT {

  @TempDir Path temp;

  private ScriptRun doctor(Object... options) {
    return ScriptRun.job(
        temp,
        "doctor.sh",
        List.of("--master", "local-cluster[2,1,2048]", "--run", "runs/a"),
        options);
  }

  private static List<String> lines(ScriptRun run) {
    return run.out().stream().map(line -> line.strip().replaceAll(" +", " ")).toList();
  }

  /** There are no native libraries for the executors' platform. */
  @Test
  void everyExecutorIsLookedAt() {
    ScriptRun run =
        doctor(
            ScriptRun.each(
                "--conf",
                "spark.executorEnv.OMP_NUM_THREADS=3",
                "spark.executor.extraJavaOptions=-Dorg.bytedeco.javacpp.platform=linux-riscv64"));
    assertThat(lines(run))
        .contains(
            "ok executors local-cluster[2,1,2048], 2 executors, 2 task slots",
            "ok threads OMP_NUM_THREADS is 1 on the driver",
            "ok output " + temp.resolve("runs/a") + " can be written to")
        .anyMatch(line -> line.matches("ok products .* right with its \\w+ kernels on the driver"))
        .anyMatch(line -> line.matches("error products .* does not load .* on executors 0, 1: .*"))
        .anyMatch(line -> line.matches("warning threads OMP_NUM_THREADS is 3 on executors 0, 1.*"))
        .anyMatch(line -> line.matches("(ok|warning) memory the driver and executors 0, 1 .*"));
    run.failed(1).isEqualTo("error: the jobs cannot work here: 1 error");
    assertThat(temp).isEmptyDirectory();
  }

  /** No script and no setting has a part in it; kernels that every x86-64 has, and nobody takes. */
  @Test
  @Tag("nightly")
  void everyExecutorChoosesItsKernelsAndThreadsUnlessItIsTold() {
    assertThat(lines(doctor().done()))
        .anyMatch(
            line ->
                line.matches("ok products .* \\w+ kernels on the driver and executors 0, 1")
                    && !line.contains("Prescott"))
        .contains("ok threads OMP_NUM_THREADS is 1 on the driver and executors 0, 1");
    assertThat(lines(doctor("--conf", "spark.executorEnv.OPENBLAS_CORETYPE=Prescott").done()))
        .contains(
            "ok products OpenBLAS loads and multiplies right with its Prescott kernels"
                + " on executors 0, 1")
        .anyMatch(line -> line.matches("ok speed Prescott kernels, \\d+ GFLOP/s .* executor 1"));
  }
}
