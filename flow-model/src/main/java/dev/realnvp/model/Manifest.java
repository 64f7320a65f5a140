package dev.realnvp.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

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
 * @param parents the ids of what it was made of, and of what that came through, by kind
 * @param history of its training; empty for what is not trained
 * @param sha256 the sum of the model's file in hex; null where there is no file, or it was not
 *     summed
 * @param calibrationSha256 likewise of the file that says how the model's scores are distributed;
 *     null where there is none
 * @param referenceSha256 likewise of the file that says how its rows are distributed
 * @param seconds wall time of the job that made it, until this was written; null where it was not
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
    List<EpochStats> history,
    @JsonInclude(JsonInclude.Include.NON_NULL) String sha256,
    @JsonProperty("calibration_sha256") @JsonInclude(JsonInclude.Include.NON_NULL)
        String calibrationSha256,
    @JsonProperty("reference_sha256") @JsonInclude(JsonInclude.Include.NON_NULL)
        String referenceSha256,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double seconds) {

  /** The key in {@link #config} of the epoch that the model is of, if it is not the last one. */
  public static final String KEPT_EPOCH = "kept_epoch";

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
    history.forEach(epoch -> require("history", epoch));
    history = List.copyOf(history);
  }

  /** A manifest in the making, of something that is made now, by this software. */
  public static Builder builder(String kind) {
    return new Builder(Json.tree(Map.of()))
        .with("kind", kind)
        .with("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .with("versions", Versions.collect())
        .with("parameters", 0)
        .settings(Map.of(), 0)
        .with("parents", Map.of())
        .history(List.of());
  }

  /** The same manifest, to be changed. */
  public Builder edit() {
    return new Builder(Json.tree(this));
  }

  /** Makes a manifest. What is left out is empty, but for the id and the data. */
  public static final class Builder {

    private final ObjectNode json;

    private Builder(JsonNode json) {
      this.json = (ObjectNode) json;
    }

    private Builder with(String field, Object value) {
      json.set(field, Json.tree(value));
      return this;
    }

    /** The id of what has no parameters. */
    public Builder id(String value) {
      return with("id", value);
    }

    /** The id and the number of parameters of a model. */
    public Builder network(MultiLayerNetwork network) {
      return id(ModelStore.id(network)).with("parameters", network.numParams());
    }

    /** How it was made. */
    public Builder settings(Map<String, Object> values, long seed) {
      return with("config", values).with("seed", seed);
    }

    /** What it was made of. */
    public Builder from(String fingerprint, Map<String, String> parents) {
      return with("data", fingerprint).with("parents", parents);
    }

    /** The version of other software that made it. */
    public Builder version(String name, String version) {
      ((ObjectNode) json.get("versions")).put(name, version);
      return this;
    }

    /** What its training did. */
    public Builder history(List<EpochStats> epochs) {
      return with("history", epochs);
    }

    /** The sums of the files of a model, its calibration and its reference; null for none. */
    public Builder sums(String model, String calibration, String reference) {
      return with("sha256", model)
          .with("calibration_sha256", calibration)
          .with("reference_sha256", reference);
    }

    /** How long the job took that made it. */
    public Builder seconds(double took) {
      return with("seconds", took);
    }

    /**
     * The manifest.
     *
     * @throws IllegalArgumentException if the id or the data are missing
     */
    public Manifest build() {
      return fromJson(json.toString());
    }
  }

  /** Indented JSON. */
  public String toJson() {
    return Json.tree(this).toPrettyString();
  }

  /**
   * Reads what {@link #toJson} wrote. Unknown fields are ignored, so that a newer version's
   * manifest can be read.
   *
   * @throws IllegalArgumentException if it is not JSON, or a field is missing
   */
  public static Manifest fromJson(String json) {
    return Json.read(json, Manifest.class, "not a manifest: ");
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
