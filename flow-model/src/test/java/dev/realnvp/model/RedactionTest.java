package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wrote s3a://AKIA:pa55/wo+rd=@bucket/run/flow | wrote s3a://***@bucket/run/flow",
        "no 'hdfs://me:pa55@nn:8020/a' | no 'hdfs://***@nn:8020/a'",
        "http://:pa55@host/ | http://***@host/",
        "abfs://c@host/a?sv=1&sig=pa55%3D&se=2 | abfs://c@host/a?sv=1&sig=***&se=2",
        "x?X-Amz-Signature=pa55 | x?X-Amz-Signature=***",
        "x?AWSAccessKeyId=pa55&Expires=1 | x?AWSAccessKeyId=***&Expires=1",
        "--conf spark.hadoop.fs.s3a.secret.key=pa55 next | --conf spark.hadoop.fs.s3a.secret.key=*** next",
        "fs.s3a.access.key: pa55 | fs.s3a.access.key: ***",
        "{\"session_token\": \"pa55\"} | {\"session_token\": \"***\"}",
        "fs.azure.account.key.me.blob.core.windows.net=pa55== | fs.azure.account.key.me.blob.core.windows.net=***",
        "Unknown option: '--password=pa55' | Unknown option: '--password=***'"
      })
  void credentialsInTextsAreMasked(String text, String masked) {
    assertThat(Redaction.text(text)).isEqualTo(masked).doesNotContain("pa55");
    assertThat(Redaction.text(masked)).isEqualTo(masked);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wrote hdfs://name:8020/user/a@b.example/flow",
        "s3a://bucket/runs/a",
        "spark://127.0.0.1:7077",
        "setting flow.epochs: expected a whole number of at least 1; got 0",
        "epoch 1/20  loss 41.2  validation 40.9 nats  120,000 examples/s  0.5 s  left 0:10",
        "a key = value, and a signal=1"
      })
  void everythingElseStays(String text) {
    assertThat(Redaction.text(text)).isEqualTo(text);
  }

  @Test
  void settingsAreMaskedByNameAndByContentAtAnyDepth() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("epochs", 5);
    settings.put("fs.s3a.secret.key", "pa55");
    settings.put("pass-phrase", null);
    settings.put("inner", Map.of("password", List.of("pa55"), "batch", 100));
    settings.put("places", List.of("s3a://me:pa55@b/x", "b"));

    Map<String, Object> expected = new LinkedHashMap<>(settings);
    expected.put("fs.s3a.secret.key", "***");
    expected.put("inner", Map.of("password", "***", "batch", 100));
    expected.put("places", List.of("s3a://***@b/x", "b"));
    assertThat(Redaction.settings(settings)).isEqualTo(expected);
  }

  @Test
  void factsOfAManifestAreDataWhateverTheyLookLike() {
    Map<String, Object> facts = Map.of("class_names", List.of("token:a", "token:b"));
    Manifest manifest =
        Manifest.builder("flow").id("id").settings(facts, 1).from("data", Map.of()).build();
    assertThat(Manifest.fromJson(manifest.toJson()).config()).isEqualTo(facts);
  }

  @Test
  void theLogsAndSparkMaskByTheSamePatterns() throws IOException {
    assertThat(properties("log4j2.properties"))
        .containsEntry("property.userInfo", Redaction.USER_INFO.pattern())
        .containsEntry("property.assignment", Redaction.ASSIGNMENT.pattern());
    assertThat(properties("spark-defaults.conf"))
        .containsEntry("spark.redaction.regex", Redaction.SETTING.pattern())
        .containsEntry("spark.redaction.string.regex", Redaction.USER_INFO.pattern());
  }

  private static Properties properties(String name) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf", name))) {
      properties.load(reader);
    }
    return properties;
  }
}
