package dev.realnvp.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The provenance of a saved model, stored as {@code manifest.json} beside the model.
 *
 * @param kind what it is: autoencoder, classifier or flow
 * @param id {@link ModelStore#id}
 * @param created the time, ISO-8601 in UTC
 * @param config the settings it was made with, masked by the caller ({@link Redaction#settings}),
 *     and unmasked facts about it: class names are data, even if they look like credentials
 * @param seed the seed of its initial parameters and of its training
 * @param versions of the software that made it; see {@link Versions}
 * @param parameters the number of its parameters
 * @param data a fingerprint of the data it was trained on
 * @param parents the ids of the models and tables that it was made from, directly or indirectly, by
 *     kind
 * @param history one object per epoch
 * @param sha256 the sum of the model's file in hex; null if there is no file, or it was not summed
 * @param calibrationSha256 the sum of the file with the distribution of the model's scores; null if
 *     there is none
 * @param seconds wall time of the job that made it, until this was written; null if it was not
 *     measured
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
    String kind,
    String id,
    String created,
    Map<String, Object> config,
    long seed,
    Map<String, String> versions,
    long parameters,
    String data,
    Map<String, String> parents,
    List<Map<String, Object>> history,
    @JsonInclude(JsonInclude.Include.NON_NULL) String sha256,
    @JsonProperty("calibration_sha256") @JsonInclude(JsonInclude.Include.NON_NULL)
        String calibrationSha256,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double seconds) {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Copies the collections; they keep their order.
   *
   * @throws IllegalArgumentException if a field is missing
   */
  public Manifest {
    require("kind", kind);
    require("id", id);
    require("created", created);
    require("config", config);
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    versions = copy("versions", versions);
    require("data", data);
    parents = copy("parents", parents);
    require("history", history);
    List<Map<String, Object>> epochs = new ArrayList<>();
    history.forEach(epoch -> epochs.add(copy("history", epoch)));
    history = Collections.unmodifiableList(epochs);
  }

  /** A manifest without a file, or before it is written. */
  public Manifest(
      String kind,
      String id,
      String created,
      Map<String, Object> config,
      long seed,
      Map<String, String> versions,
      long parameters,
      String data,
      Map<String, String> parents,
      List<Map<String, Object>> history) {
    this(
        kind,
        id,
        created,
        config,
        seed,
        versions,
        parameters,
        data,
        parents,
        history,
        null,
        null,
        null);
  }

  /** The same, with the sum of the model's file. */
  public Manifest withSha256(String sum) {
    return with(sum, calibrationSha256, seconds);
  }

  /** The same, with the sum of the calibration's file; null for none. */
  public Manifest withCalibrationSha256(String sum) {
    return with(sha256, sum, seconds);
  }

  /** The same, with the wall time of the job that made it. */
  public Manifest withSeconds(double took) {
    return with(sha256, calibrationSha256, took);
  }

  private Manifest with(String modelSum, String calibrationSum, Double took) {
    return new Manifest(
        kind,
        id,
        created,
        config,
        seed,
        versions,
        parameters,
        data,
        parents,
        history,
        modelSum,
        calibrationSum,
        took);
  }

  /** Indented JSON. */
  public String toJson() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("manifest holds a value that JSON has no form for", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote. Unknown fields are ignored, so that a newer version's
   * manifest can be read.
   *
   * @throws IllegalArgumentException if it is not JSON, or a field is missing
   */
  public static Manifest fromJson(String json) {
    try {
      Manifest manifest = MAPPER.readValue(json, Manifest.class);
      require("object", manifest);
      return manifest;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a manifest: " + reason(e), e);
    }
  }

  private static String reason(JsonProcessingException e) {
    // Jackson wraps the exception of a missing field.
    if (e.getCause() instanceof IllegalArgumentException missing) {
      return missing.getMessage();
    }
    if (e instanceof MismatchedInputException other && !other.getPath().isEmpty()) {
      return "'%s' is missing, or of another type".formatted(other.getPath().get(0).getFieldName());
    }
    JsonLocation place = e.getLocation();
    return place == null
        ? e.getOriginalMessage()
        : "%s (line %d, column %d)"
            .formatted(e.getOriginalMessage(), place.getLineNr(), place.getColumnNr());
  }

  private static <T> Map<String, T> copy(String field, Map<String, T> map) {
    require(field, map);
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  private static void require(String field, Object value) {
    if (value == null) {
      throw new IllegalArgumentException("manifest without '" + field + "'");
    }
  }
}
