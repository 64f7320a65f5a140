package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestTest {

  private static final Manifest MANIFEST =
      Manifest.builder("flow")
          .id("0123456789abcdef")
          .settings(
              Map.of("couplings", 9, "hidden", List.of(200, 200), "l2", 1e-5, "mask", "ODD"), 42)
          .from("sha256:ab", Map.of("autoencoder", "fedcba9876543210"))
          .history(
              List.of(
                  new EpochStats(1, 2.5, 0.5, 0.25, 100, 41.5, Double.NaN),
                  new EpochStats(2, 2.5, Double.NaN, Double.NaN, 100, 40.5, 42)))
          .build();

  @Test
  void roundTrips() {
    assertThat(Manifest.fromJson(MANIFEST.toJson())).isEqualTo(MANIFEST);
  }

  @Test
  void carriesSumsAndTheTimeItTookOnceTheyAreKnown() {
    assertThat(MANIFEST.toJson())
        .doesNotContain("sha256\"", "calibration", "reference", "\n  \"seconds\"");
    Manifest summed = MANIFEST.edit().sums("12ab", "34cd", "56ef").seconds(1.5).build();
    assertThat(summed.toJson())
        .contains("\n  \"sha256\" : \"12ab\"")
        .contains("\n  \"calibration_sha256\" : \"34cd\"")
        .contains("\n  \"reference_sha256\" : \"56ef\"")
        .contains("\n  \"seconds\" : 1.5");
    assertThat(Manifest.fromJson(summed.toJson())).isEqualTo(summed).isNotEqualTo(MANIFEST);
    Manifest timed = MANIFEST.edit().seconds(1.5).build();
    assertThat(summed.edit().sums(null, null, null).build()).isEqualTo(timed);
  }

  @Test
  void isIndentedAndNamesItsFields() {
    assertThat(MANIFEST.toJson())
        .contains("\n  \"kind\" : \"flow\",\n")
        .contains("\n  \"seed\" : 42,\n")
        .contains("\"parents\" : {\n    \"autoencoder\" : \"fedcba9876543210\"\n  }");
  }

  @Test
  void aFigureOfAnEpochThatThereIsNoneOfIsNull() {
    assertThat(MANIFEST.toJson().replaceAll("\\s+", ""))
        .contains(
            "\"history\":[{\"epoch\":1,\"seconds\":2.5,\"averaging_seconds\":0.5,"
                + "\"waiting_seconds\":0.25,\"examples\":100,\"train_loss\":41.5,"
                + "\"validation_loss\":null},{");
    EpochStats without = MANIFEST.history().get(1).withValidationLoss(Double.POSITIVE_INFINITY);
    Manifest infinite = MANIFEST.edit().history(List.of(without)).build();
    assertThat(Manifest.fromJson(infinite.toJson())).isEqualTo(infinite);
  }

  @Test
  void passesOverFieldsThatItDoesNotKnow() {
    String newer = MANIFEST.toJson().replaceFirst("\\{", "{ \"colour\" : {\"of\": [1]},");
    assertThat(Manifest.fromJson(newer)).isEqualTo(MANIFEST);
  }

  @Test
  void refusesWhatIsNoManifest() {
    String json = MANIFEST.toJson();
    for (String broken : List.of("", "{", "null", "[]", "{}", json + "}", json.substring(9))) {
      assertThatThrownBy(() -> Manifest.fromJson(broken))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("manifest");
    }
  }

  @Test
  void namesTheMissingField() {
    assertThatThrownBy(() -> Manifest.fromJson(MANIFEST.toJson().replace("\"data\"", "\"date\"")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without 'data'");
    assertThatThrownBy(() -> Manifest.fromJson(MANIFEST.toJson().replace("\"seed\"", "\"sead\"")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("seed");
  }
}
