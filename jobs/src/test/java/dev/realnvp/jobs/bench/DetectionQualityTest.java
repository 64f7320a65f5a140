package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.jobs.bench.DetectionTable.Line;
import dev.realnvp.jobs.bench.DetectionTable.Quality;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LocalSpark.class)
class DetectionQualityTest {

  private static AnomalyTable far(String name) {
    Random random = new Random(1);
    return new AnomalyTable(name, rows(random, 200, 0), rows(random, 5, 30));
  }

  private static List<float[]> rows(Random random, int count, double mean) {
    return Stream.generate(
            () ->
                new float[] {
                  (float) (mean + random.nextGaussian()), (float) (mean + random.nextGaussian())
                })
        .limit(count)
        .toList();
  }

  @Test
  @Tag("nightly")
  void everyDetectorOnSparkFindsWhatIsFarFromTheRowsThatItLearntFrom(
      SparkSession spark, @TempDir Path folder) throws IOException {
    Workbench bench =
        new Workbench(
            spark,
            Settings.load(
                null,
                List.of("run=" + folder, "flow.hidden=[8]", "flow.couplings=2", "flow.epochs=2"),
                Map.of()),
            Workbench.Workload.QUICK,
            folder,
            folder,
            folder,
            Optional.empty());
    DetectionQuality quality = new DetectionQuality(List.of(far("far")), false, 1, false);
    Measure measure =
        quality.all().stream()
            .filter(some -> some.name().equals("detection-far-one-class"))
            .findFirst()
            .orElseThrow();

    Reading reading = measure.work().take(bench);

    assertThat(reading.ours()).isEqualTo(100);
    assertThat(reading.other()).isEqualTo(100);
    assertThat(quality.results().lines())
        .extracting(Line::detector)
        .containsExactlyElementsOf(Detector.all().keySet());
    assertThat(quality.results().lines())
        .extracting(Line::mean)
        .containsOnly(new Quality(100, 100));
  }

  @Test
  void twoTablesOfOneNameAreRefused() {
    assertThatThrownBy(() -> new DetectionQuality(List.of(far("local")), false, 1, false).all())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("--tables: two tables have the line detection-local-unsupervised");
  }
}
