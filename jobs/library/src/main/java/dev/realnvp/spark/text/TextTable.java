package dev.realnvp.spark.text;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.input_file_name;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.FileKind;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A table in files of CSV or JSON lines. CSV is as RFC 4180 has it, in UTF-8, with the columns'
 * names in each file's first line; the fields are separated by what separates most of these names.
 *
 * @param name of the table, in messages
 * @param separator of the fields; of no matter for JSON lines
 * @param first the columns that the first line has
 */
public record TextTable(
    FileKind kind, String name, TextHints hints, char separator, List<String> first) {

  /** What was found in which files, because a pipeline opens its tables many times. */
  private static final Map<String, Found> FOUND = new ConcurrentHashMap<>();

  private static final int MOST_COLUMNS = 20_480;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** The kinds of values that each column has, with an example of each. */
  private static final class Found extends TreeMap<String, Map<Kind, String>> {

    /** Lines that are no rows. Columns have no such name, nor the next. */
    static final String MALFORMED = "\n";

    /** First lines that are not those of the first file. */
    static final String OTHER_NAMES = "\n\n";

    /** Adds a value, or with null in place of its kind a missing one. */
    void add(String column, Kind kind, String text, String file) {
      Map<Kind, String> kinds = computeIfAbsent(column, c -> new EnumMap<>(Kind.class));
      if (kind != null && !kinds.containsKey(kind)) {
        String shown = StringUtils.abbreviate(text, 80);
        kinds.put(kind, "'%s' (%s)".formatted(shown, new Path(file).getName()));
      }
    }

    Found and(Found other) {
      other.forEach(
          (column, kinds) -> {
            add(column, null, "", "");
            kinds.forEach(
                (kind, text) ->
                    get(column).merge(kind, text, (a, b) -> a.compareTo(b) < 0 ? a : b));
          });
      return this;
    }
  }

  /**
   * The columns and their types.
   *
   * @param schema in the order of the first line; columns of later ones follow in sorted order
   * @param doubts why columns are strings that hold other values too, by their names
   */
  public record Columns(StructType schema, Map<String, String> doubts) {}

  /**
   * Reads the first line.
   *
   * @param file the first one
   * @throws InvalidInputException if it is empty, or a column has no name of its own
   */
  public static TextTable of(
      SparkSession spark, FileKind kind, String name, String file, TextHints hints) {
    String shown = Location.display(new Path(file));
    List<String> lines =
        ParquetFiles.reader(spark)
            .text(file)
            .select("value")
            .where("value rlike '[^ ]'")
            .as(Encoders.STRING())
            .takeAsList(1);
    if (lines.isEmpty()) {
      throw new InvalidInputException(
          "%s is empty: expected rows%s"
              .formatted(
                  shown, kind == FileKind.CSV ? ", and before them the columns' names" : ""));
    }
    String line = lines.get(0);
    if (kind == FileKind.JSON) {
      JsonNode object = object(line);
      return new TextTable(
          kind,
          name,
          hints,
          ',',
          object == null
              ? List.of()
              : object.properties().stream().map(Map.Entry::getKey).toList());
    }
    char separator =
        Stream.of(',', ';', '\t', '|')
            .reduce((a, b) -> names(line, b).size() > names(line, a).size() ? b : a)
            .orElseThrow();
    List<String> names = names(line, separator);
    Set<String> distinct = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.stream()
        .filter(column -> Kind.of(column) != Kind.TEXT || column.isEmpty() || !distinct.add(column))
        .findFirst()
        .ifPresent(
            column -> {
              throw new InvalidInputException(
                  "The first line of %s has '%s' in place of a name%s: expected the columns' names, each once; got %s"
                      .formatted(
                          shown,
                          column,
                          names.indexOf("") == 0
                              ? " (as pandas writes an index; index=False leaves it out)"
                              : "",
                          line));
            });
    return new TextTable(kind, name, hints, separator, names);
  }

  /** As Spark has it for {@link #reader}. */
  private static CsvParser parser(char separator, String missing) {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setDelimiter(separator);
    settings.getFormat().setQuoteEscape('"');
    settings.setCommentProcessingEnabled(false);
    settings.setMaxColumns(MOST_COLUMNS);
    settings.setMaxCharsPerColumn(-1);
    settings.setNullValue(missing);
    settings.setEmptyValue(missing);
    return new CsvParser(settings);
  }

  private static List<String> names(String line, char separator) {
    return Stream.of(parser(separator, "").parseLine(line)).map(String::trim).toList();
  }

  /** What the line holds; null if it is no object. */
  private static JsonNode object(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return node.isObject() ? node : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** A schema of strings, which is enough to tell which files a predicate leaves. */
  public StructType strings() {
    StructType schema = new StructType();
    for (String column : first) {
      schema = schema.add(column, DataTypes.StringType);
    }
    return schema;
  }

  /** A reader for it; a row that does not fit the schema fails. */
  public DataFrameReader reader(DataFrameReader reader, StructType schema) {
    // Spark's other defaults are the same in 3.5 and 4.2.
    return reader
        .schema(schema)
        .option("header", true)
        .option("sep", String.valueOf(separator))
        .option("escape", "\"")
        .option("ignoreLeadingWhiteSpace", true)
        .option("ignoreTrailingWhiteSpace", true)
        .option("nullValue", hints.missing())
        .option("emptyValue", hints.missing())
        .option("maxColumns", MOST_COLUMNS)
        .option("mode", "FAILFAST");
  }

  /**
   * Finds the columns of these files in one reading of all their values.
   *
   * @param files the versions of the files, and their paths
   * @throws InvalidInputException if a line is malformed, a file has other columns, or a column
   *     does not have the type that it is known to have
   */
  public Columns columns(SparkSession spark, Map<String, String> files) {
    String key = DigestUtils.sha256Hex(hints.missing() + "\n" + new TreeSet<>(files.keySet()));
    Found found = FOUND.computeIfAbsent(key, k -> find(spark, files.values()));
    for (String trouble : List.of(Found.OTHER_NAMES, Found.MALFORMED)) {
      if (found.containsKey(trouble)) {
        throw new InvalidInputException(
            "%s has the line %s: expected %s"
                .formatted(
                    name,
                    found.get(trouble).get(Kind.TEXT),
                    trouble.equals(Found.OTHER_NAMES)
                        ? "the columns %s in each file".formatted(String.join(", ", first))
                        : kind == FileKind.JSON
                            ? "an object of JSON in each line ('jq -c .[]' makes them of an array)"
                            : "%d fields in each line, and quotes around those with %s, and doubled in them"
                                .formatted(first.size(), separator)));
      }
    }
    Set<String> names = new LinkedHashSet<>(first);
    names.addAll(found.keySet());
    StructType schema = new StructType();
    Map<String, String> doubts = new HashMap<>();
    for (String column : names) {
      Map<Kind, String> kinds = found.getOrDefault(column, Map.of());
      DataType known = hints.types().get(column);
      DataType type = Kind.narrowest(kinds.keySet());
      if (known != null && !Kind.fits(kinds.keySet(), known)) {
        throw new InvalidInputException(
            mixed(column, kinds, known == TextHints.NUMBER ? "numbers" : known.simpleString(), ""));
      }
      if (known == null && type.equals(DataTypes.StringType) && kinds.size() > 1) {
        doubts.put(
            column,
            mixed(
                column,
                kinds,
                "values of one type",
                "; --types '`%s` string' takes all as strings".formatted(column)));
      }
      boolean number = known == TextHints.NUMBER;
      schema =
          schema.add(
              column,
              known == null || number && !kinds.isEmpty()
                  ? type
                  : number ? DataTypes.DoubleType : known);
    }
    return new Columns(schema, doubts);
  }

  private String mixed(String column, Map<Kind, String> kinds, String expected, String remedy) {
    return "Column '%s' of %s holds %s, expected %s%s%s"
        .formatted(
            column,
            name,
            String.join(" and ", kinds.values()),
            expected,
            remedy,
            kind == FileKind.CSV ? "; --missing TEXT takes a text as missing" : "");
  }

  private Found find(SparkSession spark, Collection<String> files) {
    boolean csv = kind == FileKind.CSV;
    List<String> names = first;
    char between = separator;
    String missing = hints.missing();
    return ParquetFiles.reader(spark)
        .text(files.toArray(String[]::new))
        .select(col("value"), input_file_name(), expr("input_file_block_start()"))
        .where("value rlike '[^ ]'")
        .javaRDD()
        .mapPartitions(
            lines -> {
              Found found = new Found();
              CsvParser parser = parser(between, missing);
              Kind[] guesses = new Kind[names.size()];
              Arrays.fill(guesses, Kind.TEXT);
              String begun = "";
              while (lines.hasNext()) {
                Row row = lines.next();
                String line = row.getString(0);
                String file = row.getString(1);
                boolean begins = row.getLong(2) == 0 && !begun.equals(file);
                begun = row.getLong(2) == 0 ? file : "";
                if (line.isBlank()) {
                  continue;
                }
                if (!csv) {
                  addObject(found, line, file);
                } else if (!begins) {
                  addFields(found, names, guesses, parser, missing, line, file);
                } else if (!names(line, between).equals(names)) {
                  found.add(Found.OTHER_NAMES, Kind.TEXT, line, file);
                }
              }
              return List.of(found).iterator();
            })
        .treeReduce(Found::and);
  }

  private static void addFields(
      Found found,
      List<String> names,
      Kind[] guesses,
      CsvParser parser,
      String missing,
      String line,
      String file) {
    String[] fields = {};
    // A field with a line break in it would be two rows.
    if (StringUtils.countMatches(line, '"') % 2 == 0) {
      try {
        fields = parser.parseLine(line);
      } catch (TextParsingException e) {
        // There are more fields than any table has.
      }
    }
    if (fields.length != names.size()) {
      found.add(Found.MALFORMED, Kind.TEXT, line, file);
      return;
    }
    for (int i = 0; i < fields.length; i++) {
      boolean there = !fields[i].isEmpty() && !fields[i].equals(missing);
      guesses[i] = there ? Kind.of(fields[i], guesses[i]) : guesses[i];
      found.add(names.get(i), there ? guesses[i] : null, fields[i], file);
    }
  }

  private static void addObject(Found found, String line, String file) {
    JsonNode object = object(line);
    if (object == null) {
      found.add(Found.MALFORMED, Kind.TEXT, line, file);
      return;
    }
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      JsonNode value = field.getValue();
      String text = value.isTextual() ? value.textValue() : value.toString();
      found.add(field.getKey(), value.isNull() ? null : Kind.of(value), text, file);
    }
  }
}
