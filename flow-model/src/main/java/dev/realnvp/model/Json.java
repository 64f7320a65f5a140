package dev.realnvp.model;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Writes and reads the JSON of this project's files. */
public final class Json {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * The tree of a record or a map, whose {@code toString} is one line, and {@code toPrettyString}
   * indented.
   *
   * @throws IllegalArgumentException if it holds a value that JSON has no form for
   */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Reads a value. Numbers have to be there, and nothing may follow.
   *
   * @param wrong what the message of an error begins with, {@code "not a manifest: "} for example
   * @throws IllegalArgumentException in one line, if the text is no JSON, or is not such a value
   */
  public static <T> T read(String json, Class<T> type, String wrong) {
    return read(json, wrong, MAPPER.readerFor(type));
  }

  /** The same of a record whose components all have to be there. */
  public static <T> T readComplete(String json, Class<T> type) {
    return read(
        json,
        "",
        MAPPER
            .readerFor(type)
            .with(
                DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES));
  }

  private static <T> T read(String json, String wrong, ObjectReader reader) {
    try {
      T value = reader.readValue(json);
      if (value == null) {
        throw new IllegalArgumentException(wrong + "got null, expected an object");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(wrong + reason(e).replaceAll("\\R", " "), e);
    }
  }

  private static String reason(JsonProcessingException e) {
    // Jackson wraps what a constructor throws.
    if (e instanceof ValueInstantiationException
        && e.getCause() != null
        && e.getCause().getMessage() != null) {
      return e.getCause().getMessage();
    }
    if (e instanceof MismatchedInputException other
        && !(e instanceof InvalidTypeIdException)
        && !other.getPath().isEmpty()) {
      return "'%s' is missing, or of another type".formatted(other.getPath().get(0).getFieldName());
    }
    JsonLocation place = e.getLocation();
    return place == null
        ? e.getOriginalMessage()
        : "%s (line %d, column %d)"
            .formatted(e.getOriginalMessage(), place.getLineNr(), place.getColumnNr());
  }
}
