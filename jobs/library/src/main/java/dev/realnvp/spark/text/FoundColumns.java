package dev.realnvp.spark.text;

import java.io.Serializable;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.fs.Path;

/** Which kinds of values the columns of some rows have, each with an example. */
final class FoundColumns implements Serializable {

  private static final int MOST_CHARACTERS = 80;

  /** A value or a line, and the name of its file. */
  record Example(String text, String file) implements Serializable {

    private static final Comparator<Example> ORDER =
        Comparator.nullsLast(Comparator.comparing(Example::file).thenComparing(Example::text));

    static Example of(String text, String path) {
      return new Example(StringUtils.abbreviate(text, MOST_CHARACTERS), new Path(path).getName());
    }

    static Example first(Example one, Example other) {
      return ORDER.compare(one, other) <= 0 ? one : other;
    }

    @Override
    public String toString() {
      return "'%s' (%s)".formatted(text, file);
    }
  }

  final Map<String, Map<Kind, Example>> columns = new LinkedHashMap<>();

  /** A line that is no row; null for none. */
  Example malformed;

  long malformedLines;

  /** A first line with other columns than the first file's; null for none. */
  Example otherNames;

  /** The kinds of a column, which are none before the first value. */
  Map<Kind, Example> add(String column) {
    return columns.computeIfAbsent(column, c -> new EnumMap<>(Kind.class));
  }

  void add(String column, Kind kind, String value, String file) {
    Map<Kind, Example> kinds = add(column);
    if (!kinds.containsKey(kind)) {
      kinds.put(kind, Example.of(value, file));
    }
  }

  void addMalformed(String line, String file) {
    malformedLines++;
    malformed = malformed == null ? Example.of(line, file) : malformed;
  }

  void addOther(String line, String file) {
    otherNames = Example.first(otherNames, Example.of(line, file));
  }

  /** Adds those of other rows. */
  FoundColumns and(FoundColumns other) {
    other.columns.forEach(
        (column, kinds) -> {
          Map<Kind, Example> all = add(column);
          kinds.forEach((kind, example) -> all.merge(kind, example, Example::first));
        });
    malformedLines += other.malformedLines;
    malformed = Example.first(malformed, other.malformed);
    otherNames = Example.first(otherNames, other.otherNames);
    return this;
  }
}
