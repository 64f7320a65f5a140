package dev.realnvp.stored;

import java.io.Serializable;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the features of a flow come from a table's columns, as its manifest tells.
 *
 * <p>A number or a boolean is a feature as it is. Of a column of K categories come K features: 1
 * for the row's own category, 0 for the others; a category that the training did not see is a
 * missing value in each of them. If the flow knows kinds of features, a category is one feature,
 * its place, K if the training did not see it; and NaN, what is missing, is a value like others.
 *
 * @param columns those that make the features, in this order; none if a column of vectors does
 * @param means of the features in the train rows, which missing, NaN and infinite values are
 *     replaced by; empty if none are replaced
 * @param imputed how many values of the train rows were replaced
 * @param kinds whether the flow knows kinds of features
 */
public record FeatureColumns(List<Source> columns, List<Double> means, long imputed, boolean kinds)
    implements Serializable {

  /** Vectors that are taken as they are. */
  public static final FeatureColumns NONE = new FeatureColumns(List.of(), List.of(), 0, false);

  /**
   * A column.
   *
   * @param categories sorted; empty for numbers and booleans
   * @param truth whether it holds booleans
   */
  public record Source(String name, List<String> categories, boolean truth)
      implements Serializable {

    /** Copies the categories. */
    public Source {
      categories = List.copyOf(categories);
    }
  }

  private static final String COLUMNS = "feature_columns";
  private static final String NAME = "name";
  private static final String CATEGORIES = "categories";
  private static final String BOOLEAN = "boolean";
  private static final String MEANS = "imputed_means";
  private static final String IMPUTED = "imputed_values";
  private static final String KINDS = "column_kinds";

  /** Copies the lists. */
  public FeatureColumns {
    columns = List.copyOf(columns);
    means = List.copyOf(means);
  }

  /** How many features come of a column. */
  public int size(Source source) {
    return kinds ? 1 : Math.max(1, source.categories().size());
  }

  /** What each feature is called, "age" or "kind=cat"; empty if they have no names. */
  public List<String> featureNames() {
    List<String> names = new ArrayList<>();
    for (Source source : columns) {
      if (kinds || source.categories().isEmpty()) {
        names.add(source.name());
        continue;
      }
      source.categories().forEach(category -> names.add(source.name() + "=" + category));
    }
    return names;
  }

  /**
   * Whether a feature takes a few values only: then rows have no density, and the more narrowly a
   * model fits these values, the more nats it seems to gain.
   */
  public boolean isDiscrete() {
    return kinds
        || columns.stream().anyMatch(column -> column.truth() || !column.categories().isEmpty());
  }

  /**
   * The features of a row, NaN where a value is missing.
   *
   * @param row a {@link Number}, Boolean or String by each column's name, or null for a missing
   *     value; others are ignored
   * @return {@code [D]}
   * @throws IllegalArgumentException if a column is not there, or of another type
   */
  public float[] encode(Map<String, ?> row) {
    Object[] values = new Object[columns.size()];
    for (int j = 0; j < values.length; j++) {
      String name = columns.get(j).name();
      if (!row.containsKey(name)) {
        throw new IllegalArgumentException("there is no column '%s'".formatted(name));
      }
      values[j] = row.get(name);
    }
    return encode(values);
  }

  /**
   * The same of a row's values, in the order of the columns.
   *
   * @throws IllegalArgumentException if one is of another type
   */
  public float[] encode(Object[] values) {
    float[] features = new float[columns.stream().mapToInt(this::size).sum()];
    int from = 0;
    for (int j = 0; j < values.length; j++) {
      int to = from + size(columns.get(j));
      encode(columns.get(j), values[j], features, from, to);
      from = to;
    }
    return features;
  }

  private void encode(Source source, Object value, float[] features, int from, int to) {
    if (value == null) {
      Arrays.fill(features, from, to, Float.NaN);
    } else if (source.truth() && value instanceof Boolean truth) {
      features[from] = truth ? 1 : 0;
    } else if (!source.truth() && source.categories().isEmpty() && value instanceof Number number) {
      features[from] = number.floatValue();
    } else if (!source.categories().isEmpty() && value instanceof String category) {
      int place = place(source.categories(), category);
      if (kinds) {
        features[from] = place < 0 ? source.categories().size() : place;
        return;
      }
      Arrays.fill(features, from, to, place < 0 ? Float.NaN : 0);
      if (place >= 0) {
        features[from + place] = 1;
      }
    } else {
      throw new IllegalArgumentException(
          "column '%s': got %s, expected a %s"
              .formatted(
                  source.name(),
                  value.getClass().getSimpleName(),
                  source.truth()
                      ? "boolean"
                      : source.categories().isEmpty() ? "number" : "string"));
    }
  }

  /**
   * What a feature's value stands for: a category, a truth, or that it is missing.
   *
   * @return empty if it is a number
   */
  public Optional<String> word(int feature, float value) {
    if (!kinds) {
      return Optional.empty();
    }
    if (Float.isNaN(value)) {
      return Optional.of("missing");
    }
    Source source = columns.get(feature);
    if (source.truth()) {
      return Optional.of(Boolean.toString(value >= 0.5));
    }
    List<String> categories = source.categories();
    if (categories.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(value < categories.size() ? categories.get((int) value) : "unknown");
  }

  /** Whether a feature, or what stands behind the features, is the place of a category. */
  public boolean isCategory(int feature) {
    return kinds && feature < columns.size() && !columns.get(feature).categories().isEmpty();
  }

  /** The form of a text to compare it by: an accented letter may be written as one code or two. */
  public static String normal(String text) {
    return text == null ? null : Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  /** The place of a name among some, whatever its Unicode form; -1 if it is none of them. */
  public static int place(List<String> names, String name) {
    int same = names.indexOf(name);
    return same >= 0
        ? same
        : names.stream().map(FeatureColumns::normal).toList().indexOf(normal(name));
  }

  /**
   * Puts means in place of what is missing, NaN or infinite.
   *
   * @param features of some rows, {@code [N, D]}, row-major
   */
  public void impute(float[] features) {
    for (int i = 0; i < features.length && !means.isEmpty(); i++) {
      if (!Float.isFinite(features[i])) {
        features[i] = means.get(i % means.size()).floatValue();
      }
    }
  }

  /** What a model's manifest has of it; nothing if it is a vector that is taken as it is. */
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (!columns.isEmpty()) {
      facts.put(COLUMNS, columns.stream().map(FeatureColumns::fact).toList());
    }
    if (kinds) {
      facts.put(KINDS, true);
    }
    if (!means.isEmpty()) {
      facts.put(MEANS, means);
      facts.put(IMPUTED, imputed);
    }
    return facts;
  }

  private static Map<String, Object> fact(Source source) {
    Map<String, Object> fact = new LinkedHashMap<>();
    fact.put(NAME, source.name());
    if (!source.categories().isEmpty()) {
      fact.put(CATEGORIES, source.categories());
    }
    if (source.truth()) {
      fact.put(BOOLEAN, true);
    }
    return fact;
  }

  /**
   * Those of these facts.
   *
   * @return empty if they say nothing of features
   * @throws IllegalArgumentException if they are not what {@link #facts} writes
   */
  public static Optional<FeatureColumns> of(Map<String, Object> facts) {
    if (!facts.containsKey(COLUMNS) && !facts.containsKey(MEANS)) {
      return Optional.empty();
    }
    try {
      List<Source> columns = new ArrayList<>();
      for (Object source : (List<?>) facts.getOrDefault(COLUMNS, List.of())) {
        Map<?, ?> fields = (Map<?, ?>) source;
        Object categories = fields.get(CATEGORIES);
        columns.add(
            new Source(
                (String) fields.get(NAME),
                categories == null
                    ? List.of()
                    : ((List<?>) categories).stream().map(String.class::cast).toList(),
                Boolean.TRUE.equals(fields.get(BOOLEAN))));
      }
      List<Double> means =
          ((List<?>) facts.getOrDefault(MEANS, List.of()))
              .stream().map(mean -> ((Number) mean).doubleValue()).toList();
      return Optional.of(
          new FeatureColumns(
              columns,
              means,
              ((Number) facts.getOrDefault(IMPUTED, 0)).longValue(),
              Boolean.TRUE.equals(facts.get(KINDS))));
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException(
          "expected %s and %s of features; got %s and %s"
              .formatted(COLUMNS, MEANS, facts.get(COLUMNS), facts.get(MEANS)),
          e);
    }
  }
}
