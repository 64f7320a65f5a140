package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.SparkSession;

/**
 * Damage to any input ends in one of the project's own errors, of one clear line, or in what is
 * right; in a bounded time, and with the input as it was. The number of cases is {@code
 * jqwik.tries.default}.
 */
class DamagedInputTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The larger the number, the more of the cases are of that kind. */
  private static final Map<InputKind, Integer> SHARES =
      Map.ofEntries(
          Map.entry(ImageFolderKind.IDX, 2),
          Map.entry(ImageFolderKind.PACKED_IDX, 2),
          Map.entry(ImageFolderKind.PNGS, 2),
          Map.entry(TableKind.IMAGES, 2),
          Map.entry(TableKind.EMBEDDINGS, 2),
          Map.entry(ModelKind.MODEL, 2),
          Map.entry(ModelKind.OLD_MODEL, 3),
          Map.entry(ModelKind.MODEL_ENTRIES, 4),
          Map.entry(ModelKind.EXPORTED, 2),
          Map.entry(ModelKind.TABLE_MANIFEST, 2),
          Map.entry(CalibrationKind.CALIBRATED_FLOW, 2),
          Map.entry(CalibrationKind.CALIBRATION, 3),
          Map.entry(CheckpointKind.CHECKPOINTS, 3),
          Map.entry(SettingsKind.SETTINGS, 3));

  private static SparkSession spark;
  private static Path folder;
  private static final Map<InputKind, Object> WHOLE = new HashMap<>();

  @BeforeContainer
  static void makeInputs() throws IOException {
    spark = LocalSpark.session();
    folder = Files.createTempDirectory("damage");
    for (InputKind kind : SHARES.keySet()) {
      Path whole = Files.createDirectory(folder.resolve(kind.name()));
      kind.make(spark, whole);
      WHOLE.put(kind, kind.read(spark, whole));
    }
  }

  @AfterContainer
  static void deleteInputs() throws IOException {
    PathUtils.deleteDirectory(folder);
  }

  @Provide
  Arbitrary<InputKind> kinds() {
    return Arbitraries.of(
        SHARES.keySet().stream()
            .sorted(java.util.Comparator.comparing(InputKind::name))
            .flatMap(kind -> Stream.generate(() -> kind).limit(SHARES.get(kind)))
            .toList());
  }

  @Property(edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void isRefusedInOneLineOrReadAsItWas(
      @ForAll("kinds") InputKind kind, @ForAll Damage damage, @ForAll long seed)
      throws IOException {
    Path input = Files.createTempDirectory(folder, "case");
    Cases.copy(folder.resolve(kind.name()), input);
    damage.to(input, new Random(seed));
    Map<Path, Integer> before = Cases.content(input);

    Optional<Object> read = assertTimeoutPreemptively(LIMIT, () -> read(kind, input));

    assertThat(Cases.content(input)).isEqualTo(before);
    if (kind.notices(damage)) {
      read.ifPresent(got -> assertThat(got).isEqualTo(WHOLE.get(kind)));
    }
    PathUtils.delete(input);
  }

  /** What is read; empty if it is refused as the jobs' {@code Main} expects it. */
  private static Optional<Object> read(InputKind kind, Path input) throws IOException {
    try {
      return Optional.of(kind.read(spark, input));
    } catch (Exception e) {
      Throwable own =
          ExceptionUtils.getThrowableList(e).stream()
              .filter(
                  link ->
                      link instanceof InvalidInputException
                          || link instanceof ConfigurationException)
              .findFirst()
              .orElseThrow(() -> new AssertionError("not one of the project's errors", e));
      assertThat(own.getMessage())
          .hasLineCount(1)
          .doesNotContain(": null", "Exception", "org.apache")
          .containsAnyOf(input.toString(), "setting ");
      return Optional.empty();
    }
  }
}
