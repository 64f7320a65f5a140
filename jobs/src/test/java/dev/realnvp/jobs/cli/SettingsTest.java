package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import dev.realnvp.spark.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {

  @TempDir Path folder;

  @Test
  void laterSourcesWin() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), "flow { epochs = 3, batch = 7 }");
    Config config =
        Settings.load(file, List.of("flow.epochs=4", "flow.couplings=2"), Map.of("flow.epochs", 5));
    assertThat(config.getInt("flow.epochs")).isEqualTo(5);
    assertThat(config.getInt("flow.batch")).isEqualTo(7);
    assertThat(config.getInt("flow.couplings")).isEqualTo(2);
    assertThat(config.getInt("autoencoder.epochs"))
        .isEqualTo(Defaults.resolved().getInt("autoencoder.epochs"));
  }

  @Test
  void placesFollowTheRun() {
    Config config = Settings.load(null, List.of("run=hdfs://host:9000/a b"), Map.of());
    assertThat(config.getString("paths.flow")).isEqualTo("hdfs://host:9000/a b/flow");
  }

  @Test
  void aFileThatMovesTheRunMovesThePlaces() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), "run = \"/elsewhere\"");
    assertThat(Settings.load(file, List.of(), Map.of()).getString("paths.images"))
        .isEqualTo("/elsewhere/images");
  }

  @Test
  void listsAreHocon() {
    Config config =
        Settings.load(
            null, List.of("flow.hidden=[64, 32, 16]", "flow.max-gradient-norm=0.5"), Map.of());
    assertThat(config.getDouble("flow.max-gradient-norm")).isEqualTo(0.5);
    assertThat(config.getIntList("flow.hidden")).containsExactly(64, 32, 16);
    assertThat(config.getIntList("classifier.channels")).isEmpty();
    Config channels = Settings.load(null, List.of("classifier.channels=[4, 8]"), Map.of());
    assertThat(channels.getIntList("classifier.channels")).containsExactly(4, 8);
  }

  @ParameterizedTest
  @CsvSource({
    "flow.epoch=5,unknown setting flow.epoch in --set; the nearest known one is flow.epochs",
    "flow=5,unknown setting flow in --set; the nearest known one is flow.activation-norm",
    "seed=1.5,'setting seed takes a whole number, such as 42; got 1.5'",
    "flow.hidden=null,--set flow.hidden: cannot read the value 'null'",
    "flow.hidden=${flow.hidden}[5],--set flow.hidden: cannot read the value",
    "flow.epochs,--set takes key=value",
    "flow.epochs=many,setting flow.epochs takes a whole number",
    "flow.hidden=7,setting flow.hidden takes a list",
    "flow.permute=12,setting flow.permute takes a boolean",
    "flow.hidden=[1,--set flow.hidden: cannot read the value '[1'",
    "flow.batch=0,setting flow.batch: expected a whole number of at least 1; got 0",
    "flow.batch=-1,setting flow.batch: expected a whole number of at least 1; got -1",
    "flow.averaging-interval=-1,setting flow.averaging-interval: expected a whole number of at least 0",
    "flow.couplings=1e12,setting flow.couplings: expected a whole number of at least 1; got 1000000000000",
    "flow.patience=-1,setting flow.patience: expected a whole number of at least 0; got -1",
    "flow.learning-rate=0,setting flow.learning-rate: expected a number above 0; got 0",
    "flow.max-gradient-norm=-1,setting flow.max-gradient-norm: expected a number of at least 0; got -1",
    "flow.warm-up-share=1,setting flow.warm-up-share: expected a number of at least 0 and below 1; got 1",
    "ingest.fraction=1.5,setting ingest.fraction: expected a number above 0 and of at most 1; got 1.5",
    "ingest.fraction=0,setting ingest.fraction: expected a number above 0 and of at most 1; got 0",
    "score.false-alarm-rate=1,setting score.false-alarm-rate: expected a number above 0 and below 1",
    "output.lease-seconds=9,setting output.lease-seconds: expected a whole number of at least 10",
    "flow.mask=even,'setting flow.mask: expected one of [odd, half]; got \"even\"'",
    "flow.linear=rotation,'setting flow.linear: expected one of [auto, permutation, lu]; got'",
    "train.training-master=me,'setting train.training-master: expected one of [averaging, stock]; got \"me\"'",
    "flow.hidden=[],'setting flow.hidden: expected a list of one or more whole numbers of at least 1'",
    "'flow.hidden=[3, 0]','at least 1, such as [200, 200]; got [3,0]'",
    "classifier.channels=8,setting classifier.channels takes a list",
    "'classifier.channels=[8, 0]','at least 1, such as [32, 64], or []; got [8,0]'",
    "'classifier.channels=[8, [4]]','at least 1, such as [32, 64], or []; got [8,[4]]'",
    "classifier.shift=some,'setting classifier.shift: expected auto, or a whole number of at least 0'",
    "classifier.shift=-1,'setting classifier.shift: expected auto, or a whole number of at least 0'",
  })
  void refuses(String set, String message) {
    assertThatThrownBy(() -> Settings.load(null, List.of(set), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message);
  }

  @Test
  void numbersMayBeTextAndWordsInAnyCase() {
    Config config =
        Settings.load(
            null,
            List.of("flow.epochs=\"3\"", "train.training-master=STOCK", "flow.l2=0"),
            Map.of());
    assertThat(config.getInt("flow.epochs")).isEqualTo(3);
  }

  /** All but the seed: a new setting gets a range, which its default is in. */
  @Test
  void everyNumberAndListHasARange() {
    Defaults.resolved()
        .entrySet()
        .forEach(
            entry -> {
              Object value = entry.getValue().unwrapped();
              if ((value instanceof Number || value instanceof List)
                  && !entry.getKey().equals("seed")) {
                assertThat(Range.of(entry.getKey())).as(entry.getKey()).isPresent();
              }
              Range.of(entry.getKey())
                  .ifPresent(range -> assertThat(range.valid().test(value)).isTrue());
            });
  }

  static Stream<String> keys() {
    return Defaults.resolved().entrySet().stream().map(Map.Entry::getKey).sorted();
  }

  /** The first of each type and range, for all of whose settings the check is the same. */
  private static final Set<String> FIRST =
      Set.copyOf(
          keys()
              .collect(Collectors.toMap(SettingsTest::kind, key -> key, (first, later) -> first))
              .values());

  private static String kind(String key) {
    return Defaults.resolved().getValue(key).valueType() + " " + Range.of(key).map(Range::expected);
  }

  /** In a file, where HOCON allows all of it; the line names the key. */
  @ParameterizedTest
  @MethodSource("keys")
  void oddValuesOfAnyKeyAreOneLineThatNamesIt(String key) throws IOException {
    refusedByName(key, key + " = ${" + key + "} [{}]", "flow.batch=7", "flow.hidden=[3]");
    for (String value : FIRST.contains(key) ? ODD : List.of("= null")) {
      refusedByName(key, key + " " + value.replace("KEY", key));
    }
  }

  private static final List<String> ODD =
      List.of(
          "= null",
          "= {}",
          "= { a = 1 }",
          "= [null]",
          "= [{}]",
          "= [[1]]",
          "= [a]",
          "= ${KEY} [{}]",
          "= ${KEY} { a = 1 }",
          "= ${nowhere}",
          "= ${KEY}",
          "+= {}",
          "+= null",
          "= ${?KEY} [x]");

  private void refusedByName(String key, String text, String... sets) throws IOException {
    Path file = Files.writeString(folder.resolve("odd.conf"), text);
    List<String> others = Stream.of(sets).filter(set -> !set.startsWith(key + "=")).toList();
    // What a setting refers to is the default, so this one changes nothing.
    if (text.endsWith("${" + key + "}")) {
      assertThat(Settings.load(file, others, Map.of()).hasPath(key)).isTrue();
      return;
    }
    assertThatThrownBy(() -> Settings.load(file, others, Map.of()))
        .as(text)
        .isInstanceOf(ConfigurationException.class)
        .message()
        .hasLineCount(1)
        .contains(key);
  }

  @ParameterizedTest
  @CsvSource({
    "flow.hidden += 5, '[200, 200, 5]'",
    "'flow.hidden = ${flow.hidden} [5]', '[200, 200, 5]'",
    "'flow = ${flow} { hidden = [3] }', '[3]'",
    "'flow { hidden = [1] [2] }', '[1, 2]'"
  })
  void whatMergesWithTheDefaultsIsResolved(String text, String hidden) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), text);
    Config config = Settings.load(file, List.of("flow.epochs=3"), Map.of("flow.batch", 9));
    assertThat(config.getIntList("flow.hidden")).hasToString(hidden);
    assertThat(config.getInt("flow.epochs")).isEqualTo(3);
    assertThat(config.getInt("flow.batch")).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"paths = null, paths", "flow = 5, flow", "'\"flow.epochs\" = 3', flow.epochs"})
  void groupsAreNoSettings(String text, String key) throws IOException {
    Path file = Files.writeString(folder.resolve("odd.conf"), text);
    assertThatThrownBy(() -> Settings.load(file, List.of(), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .message()
        .hasLineCount(1)
        .contains(key);
  }

  @Test
  void refusesUnknownKeysInAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), "autoencoder.cod = 3");
    assertThatThrownBy(() -> Settings.load(file, List.of(), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("autoencoder.cod")
        .hasMessageContaining("mine.conf")
        .hasMessageContaining("autoencoder.code");
  }

  @Test
  void refusesFilesThatAreNotThereOrNotHocon() throws IOException {
    assertThatThrownBy(() -> Settings.load(folder.resolve("none.conf"), List.of(), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.conf");
    Path broken = Files.writeString(folder.resolve("broken.conf"), "flow { epochs = ");
    assertThatThrownBy(() -> Settings.load(broken, List.of(), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("broken.conf");
  }
}
