package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.classifier.ClassifierConfig;
import dev.realnvp.images.convolution.ImageShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Model files that were made to do harm: none runs code, none takes memory. */
class ForgedModelTest {

  private static final byte[] WHOLE =
      SavedFiles.save(SavedFiles.flow(new Optimizer(0.1, Schedule.CONSTANT, 10, 0)));
  private static final String JSON = SavedFiles.configuration(WHOLE);

  /** What ran of the classes below. */
  private static final List<String> RAN = new ArrayList<>();

  /** Runs when it is loaded. */
  public static final class Loaded extends ActivationIdentity {
    static {
      RAN.add("loaded");
    }
  }

  /** The same, for DL4J's own reader: a class is loaded once only. */
  public static final class LoadedByDl4j extends ActivationIdentity {
    static {
      RAN.add("loaded by DL4J");
    }
  }

  /** Runs when it is deserialized. */
  public static final class Serialized implements Serializable {
    private void readObject(ObjectInputStream in) {
      RAN.add("deserialized");
    }
  }

  private static void assertRefused(byte[] zip, String... message) {
    assertThatThrownBy(() -> ModelStore.read(new ByteArrayInputStream(zip)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a network that DL4J saved: ")
        .message()
        .contains(message)
        .doesNotContain("\n", "null");
  }

  private static String naming(String type, String quotedPlace) {
    String forged = JSON.replaceFirst(quotedPlace, Matcher.quoteReplacement(type));
    assertThat(forged).isNotEqualTo(JSON);
    return forged;
  }

  @Test
  void theForgeryWorksOnDl4jsOwnReader() throws IOException {
    String json =
        naming(LoadedByDl4j.class.getName(), "org.nd4j.linalg.activations.impl.ActivationIdentity");
    ModelSerializer.restoreMultiLayerNetwork(
        new ByteArrayInputStream(SavedFiles.withConfiguration(WHOLE, json)));
    assertThat(RAN).contains("loaded by DL4J");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.nd4j.linalg.activations.impl.ActivationIdentity",
        "dev.realnvp.flow.layer.FlowLayer",
        "org.nd4j.linalg.learning.config.Adam",
        "org.deeplearning4j.nn.weights.WeightInitXavier"
      })
  void aClassThatIsNoneOfOursIsNotEvenLoaded(String place) {
    String name = Loaded.class.getName();
    assertRefused(SavedFiles.withConfiguration(WHOLE, naming(name, place)), name);
    assertThat(RAN).doesNotContain("loaded");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"%s\"}",
        "{\"type\": \"Evil\", \"a\": \"%s\"}",
        "{\"@class\": [\"%s\", {}]}",
        "[\"%s\", {}]",
        "{\"%s\": {}}",
        "{\"a\": [[{\"b\": \"%s\"}]]}",
        "{\"@class\": \"java.util.List<%s>\"}"
      })
  void norWhereverElseItIsNamed(String value) {
    String json =
        JSON.replaceFirst(
            "\"dropOut\" : null|\"idropout\" : null",
            Matcher.quoteReplacement("\"idropout\" : " + value.formatted(Loaded.class.getName())));
    assertThat(json).isNotEqualTo(JSON);
    assertRefused(SavedFiles.withConfiguration(WHOLE, json), "which is no class of this project's");
    assertThat(RAN).doesNotContain("loaded");
  }

  @Test
  void aClassHiddenByASecondPropertyOfTheSameNameIsRefused() {
    String json =
        naming(
            Loaded.class.getName() + "\", \"@class\" : \"dev.realnvp.flow.layer.FlowLayer",
            "dev.realnvp.flow.layer.FlowLayer");
    assertRefused(SavedFiles.withConfiguration(WHOLE, json), "Duplicate field '@class'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"preprocessor.bin", "normalizer.bin", "objects/x", "../x"})
  void whatJavaHasSerializedIsNotRead(String name) throws IOException {
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(object)) {
      out.writeObject(new Serialized());
    }
    assertRefused(SavedFiles.with(WHOLE, name, object.toByteArray()), "goes on with", name);
    assertThat(RAN).doesNotContain("deserialized");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"hidden\" : \\[ 7 ]; \"hidden\" : [ -7 ]; hidden: got [-7]",
        "\"hidden\" : \\[ 7 ]; \"hidden\" : [ 2147483647, 2147483647, 2147483647 ]; too large",
        "\"hidden\" : \\[ 7 ]; \"hidden\" : [ 2147483647 ]; more memory than the heap",
        "\"hidden\" : \\[ 7 ]; \"hidden\" : [ 8 ]; coefficients.bin has 90 values, expected 100",
        "\"context\" : 1; \"context\" : 2147483647; context: got 2147483647",
        "\"context\" : 1; \"context\" : -1; context: got -1",
        "\"dataType\" : \"FLOAT\"; \"dataType\" : \"DOUBLE\"; DOUBLE",
      })
  void sizesThatCannotBeAreRefusedBeforeMemoryIsTaken(String from, String to, String message) {
    String json = JSON.replaceAll(from, to);
    assertThat(json).isNotEqualTo(JSON);
    assertRefused(SavedFiles.withConfiguration(WHOLE, json), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"kernelSize\" : \\[ 3, 3 ]; \"kernelSize\" : [ 2147483647, 2147483647 ]; too large",
        "\"kernelSize\" : \\[ 3, 3 ]; \"kernelSize\" : [ 3, -3 ]; expected positive sizes",
        "\"nin\" : 1,; \"nin\" : -1,; expected positive sizes",
        "\"nout\" : 3; \"nout\" : 9223372036854775807; too large",
      })
  void neitherAreAConvolutions(String from, String to, String message) {
    ClassifierConfig config = new ClassifierConfig(new ImageShape(4, 4, 1), List.of(5), 3, 2, 1);
    byte[] whole =
        SavedFiles.save(
            Classifier.create(config, new Optimizer(0.1, Schedule.CONSTANT, 1, 0)).network());
    String json = SavedFiles.configuration(whole).replaceAll(from, to);
    assertThat(json).isNotEqualTo(SavedFiles.configuration(whole));
    assertRefused(SavedFiles.withConfiguration(whole, json), message);
  }

  @Test
  void aHeaderThatClaimsAnotherLengthIsRefused() {
    byte[] values = SavedFiles.entries(WHOLE).get(SavedFiles.COEFFICIENTS);
    // Each of the header's four longs that are a number of elements, told by its offset.
    for (int offset : new int[] {18, 32, 40, 98}) {
      for (long claimed : new long[] {-1, 0, 88, 1L << 31, Long.MAX_VALUE}) {
        byte[] forged = values.clone();
        ByteBuffer.wrap(forged).putLong(offset, claimed);
        assertRefused(SavedFiles.with(WHOLE, SavedFiles.COEFFICIENTS, forged), "coefficients.bin");
      }
    }
  }

  @Test
  void parametersThatAreTooFewOrTooManyAreRefused() {
    byte[] values = SavedFiles.entries(WHOLE).get(SavedFiles.COEFFICIENTS);
    for (int length : new int[] {0, 10, 50, values.length - 1, values.length + 1}) {
      assertRefused(
          SavedFiles.with(WHOLE, SavedFiles.COEFFICIENTS, Arrays.copyOf(values, length)),
          "coefficients.bin");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"configuration.json", "coefficients.bin", "updaterState.bin"})
  void aBombIsReadNoFurtherThanTheEntryMayGo(String name) {
    byte[] bomb = SavedFiles.with(WHOLE, name, new byte[64 << 20]);
    ByteArrayInputStream in = new ByteArrayInputStream(bomb);
    assertThatThrownBy(() -> ModelStore.read(in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name + " has more than");
    // Most of it is the packed bomb.
    assertThat(in.available()).isGreaterThan(bomb.length / 2);
  }

  @Test
  void entriesInAnotherOrderOrTwiceOrMissingAreRefused() {
    Map<String, byte[]> entries = SavedFiles.entries(WHOLE);
    Map<String, byte[]> turned = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(entries.keySet());
    for (String name : List.of(names.get(1), names.get(0), names.get(2))) {
      turned.put(name, entries.get(name));
    }
    assertRefused(SavedFiles.zip(turned), "'coefficients.bin' where configuration.json");

    entries.remove(SavedFiles.COEFFICIENTS);
    assertRefused(SavedFiles.zip(entries), "'updaterState.bin' where coefficients.bin");

    // ZipOutputStream writes no name twice: another of the same length is overwritten.
    byte[] twice = SavedFiles.with(WHOLE, "coefficients.BIN", entries.get(SavedFiles.STATE));
    assertRefused(renamed(twice, "coefficients.BIN", "coefficients.bin"), "goes on with an entry");
    twice = SavedFiles.with(WHOLE, "updaterState.BIN", entries.get(SavedFiles.STATE));
    assertRefused(renamed(twice, "updaterState.BIN", "updaterState.bin"), "goes on with an entry");
  }

  private static byte[] renamed(byte[] zip, String from, String to) {
    return new String(zip, StandardCharsets.ISO_8859_1)
        .replace(from, to)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(100_000);
    assertRefused(SavedFiles.withConfiguration(WHOLE, deep), "nesting depth");
  }

  @Test
  void everyFlippedBitIsNoticedOrMeansNothing() throws IOException {
    INDArray expected = ModelStore.read(new ByteArrayInputStream(WHOLE)).params();
    for (int at = 0; at < WHOLE.length; at++) {
      byte[] flipped = WHOLE.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      try {
        assertThat(ModelStore.read(new ByteArrayInputStream(flipped)).params()).isEqualTo(expected);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("not a network that DL4J saved: ");
      }
    }
  }
}
