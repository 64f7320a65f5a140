package dev.realnvp.spark.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class PreflightTest {

  @Test
  void everySubjectIsLookedAtInALocalSession(JavaSparkContext spark, @TempDir Path temp) {
    List<Finding> findings = Preflight.check(spark, List.of(temp.resolve("x").toString()));
    assertThat(findings)
        .extracting(Finding::subject)
        .containsExactly(
            "executors",
            "software",
            "products",
            "threads",
            "memory",
            "serializer",
            "output",
            "disk",
            "disk");
    assertThat(findings).noneMatch(finding -> finding.level() == Severity.ERROR);
    assertThat(findings.get(2))
        .isEqualTo(
            Finding.ok(
                "products",
                "OpenBLAS loads and multiplies right with its %s kernels on the driver"
                    .formatted(Gemm.kernels())));
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void theSpeedIsTheDriversInALocalSession(JavaSparkContext spark) {
    assertThat(Preflight.speeds(spark))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.message())
                    .matches("\\w+ kernels, \\d+ GFLOP/s a core on the driver"));
  }
}
