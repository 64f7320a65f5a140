package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestTest {

  private static final Manifest MANIFEST =
      new Manifest(
          "flow",
          "0123456789abcdef",
          "2026-11-24T12:00:00Z",
          Map.of("couplings", 9, "hidden", List.of(200, 200), "l2", 1e-5, "mask", "ODDS"),
          42,
          Map.of("java", "17"),
          1234567890123L,
          "sha256:ab",
          Map.of("autoencoder", "fedcba9876543210"),
          List.of(Map.of("epoch", 1, "train_loss", 41.5), Map.of("epoch", 2)));

  @Test
  void roundTrips() {
    assertThat(Manifest.fromJson(MANIFEST.toJson())).isEqualTo(MANIFEST);
  }

  @Test
  void carriesTheModelFilesSumOnceThatIsKnown() {
    assertThat(MANIFEST.toJson()).doesNotContain("sha256\"");
    Manifest summed = MANIFEST.withSha256("12ab");
    assertThat(summed.toJson()).contains("\n  \"sha256\" : \"12ab\"");
    assertThat(Manifest.fromJson(summed.toJson())).isEqualTo(summed).isNotEqualTo(MANIFEST);
  }

  @Test
  void carriesTheCalibrationsSumWhereThereIsOne() {
    assertThat(MANIFEST.toJson()).doesNotContain("calibration");
    Manifest summed = MANIFEST.withSha256("12ab").withCalibrationSha256("34cd");
    assertThat(summed.toJson())
        .contains("\n  \"sha256\" : \"12ab\"")
        .contains("\n  \"calibration_sha256\" : \"34cd\"");
    assertThat(Manifest.fromJson(summed.toJson())).isEqualTo(summed);
    assertThat(summed.withCalibrationSha256(null)).isEqualTo(MANIFEST.withSha256("12ab"));
  }

  @Test
  void carriesTheTimeItTookOnceThatIsKnown() {
    assertThat(MANIFEST.toJson()).doesNotContain("seconds\"");
    Manifest timed = MANIFEST.withSha256("12ab").withSeconds(1.5);
    assertThat(timed.sha256()).isEqualTo("12ab");
    assertThat(timed.toJson()).contains("\n  \"seconds\" : 1.5");
    assertThat(Manifest.fromJson(timed.toJson())).isEqualTo(timed);
    assertThat(timed.withSha256("34cd").seconds()).isEqualTo(1.5);
  }

  @Test
  void isIndentedAndNamesItsFields() {
    assertThat(MANIFEST.toJson())
        .contains("\n  \"kind\" : \"flow\",\n")
        .contains("\n  \"seed\" : 42,\n")
        .contains("\"parents\" : {\n    \"autoencoder\" : \"fedcba9876543210\"\n  }");
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
