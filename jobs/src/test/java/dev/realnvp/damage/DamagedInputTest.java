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
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  private static SparkSession spark;
  private static Path folder;
  private static final Map<InputKind, Object> WHOLE = new HashMap<>();

  @BeforeContainer
  static void makeInputs() throws IOException {
    spark = LocalSpark.session();
    folder = Files.createTempDirectory("damage");
    for (InputKind kind : InputKind.values()) {
      Path whole = Files.createDirectory(folder.resolve(kind.name()));
      kind.maker.make(spark, whole);
      // Of Hadoop's own, which files from elsewhere do not have: with them hardly any damage would
      // reach the readers.
      for (Path path : Damage.paths(whole)) {
        if (path.toString().endsWith(".crc")) {
          Files.delete(path);
        }
      }
      WHOLE.put(kind, kind.reader.read(spark, whole));
    }
  }

  /** What a folder holds: of each path a hash of the content, of a folder -1. */
  private static Map<Path, Integer> content(Path folder) throws IOException {
    Map<Path, Integer> content = new LinkedHashMap<>();
    for (Path path : Damage.paths(folder)) {
      content.put(path, Files.isDirectory(path) ? -1 : Arrays.hashCode(Files.readAllBytes(path)));
    }
    return content;
  }

  @AfterContainer
  static void deleteInputs() throws IOException {
    PathUtils.deleteDirectory(folder);
  }

  @Provide
  Arbitrary<InputKind> kinds() {
    return Arbitraries.of(
        Stream.of(InputKind.values())
            .flatMap(kind -> Stream.generate(() -> kind).limit(kind.share))
            .toList());
  }

  @Property(edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void isRefusedInOneLineOrReadAsItWas(
      @ForAll("kinds") InputKind kind, @ForAll Damage damage, @ForAll long seed)
      throws IOException {
    Path input = Files.createTempDirectory(folder, "case");
    PathUtils.copyDirectory(folder.resolve(kind.name()), input);
    damage.to(input, new Random(seed));
    Map<Path, Integer> before = content(input);

    Optional<Object> read = assertTimeoutPreemptively(LIMIT, () -> read(kind, input));

    assertThat(content(input)).isEqualTo(before);
    if (kind.notices.test(damage)) {
      read.ifPresent(got -> assertThat(got).isEqualTo(WHOLE.get(kind)));
    }
    PathUtils.delete(input);
  }

  /** What is read; empty if it is refused as the jobs' {@code Main} expects it. */
  private static Optional<Object> read(InputKind kind, Path input) throws IOException {
    try {
      return Optional.of(kind.reader.read(spark, input));
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
