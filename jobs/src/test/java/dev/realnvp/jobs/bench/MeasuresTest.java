package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.layer.AffineCoupling;
import dev.realnvp.flow.layer.SplineCoupling;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class MeasuresTest {

  private static Measure named(String name) {
    return Measures.STANDARD.stream()
        .filter(measure -> measure.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Class<?> coupling(Workbench bench, Workbench.Model model) throws IOException {
    return RealNVP.of(
            ModelDirectory.read(new Configuration(), bench.model(model), "flow").network())
        .layers()
        .get(1)
        .getClass();
  }

  @Test
  void theSplineLinesTrainSplines(SparkSession spark, @TempDir Path folder) throws IOException {
    Workbench bench =
        new Workbench(
            spark,
            Settings.load(
                null, List.of("run=" + folder, "flow.hidden=[8]", "flow.couplings=2"), Map.of()),
            Workbench.Workload.QUICK,
            folder,
            folder,
            folder,
            Optional.empty());

    assertThat(named("spline-epoch").work().apply(bench).ours()).isPositive();
    assertThat(named("flow-epoch").work().apply(bench).ours()).isPositive();

    assertThat(coupling(bench, Workbench.Model.SPLINE)).isEqualTo(SplineCoupling.class);
    assertThat(coupling(bench, Workbench.Model.FLOW)).isEqualTo(AffineCoupling.class);
  }
}
