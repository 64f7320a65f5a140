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
import com.univocity.parsers.csv.UnescapedQuoteHandling;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.spark.storage.FileKind;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.text.FoundColumns.Example;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;
import org.apache.hadoop.mapreduce.lib.input.LineRecordReader;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.sql.DataFrameReader;
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
  private static final Map<String, FoundColumns> FOUND = new ConcurrentHashMap<>();

  private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');

  private static final int MOST_COLUMNS = 20_480;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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
      Configuration hadoop, FileKind kind, String name, Path file, TextHints hints)
      throws IOException {
    String line = firstLine(hadoop, file).orElse("");
    if (line.isEmpty() && kind == FileKind.CSV) {
      throw new InvalidInputException(
          Location.display(file) + " is empty: expected a line with the columns' names, and rows");
    }
    if (kind == FileKind.JSON) {
      List<String> columns = new ArrayList<>();
      Optional.ofNullable(object(line))
          .ifPresent(o -> o.properties().forEach(field -> columns.add(field.getKey())));
      return new TextTable(kind, name, hints, ',', columns);
    }
    // The first of those that tie.
    char separator =
        SEPARATORS.stream()
            .reduce((a, b) -> names(line, b).size() > names(line, a).size() ? b : a)
            .orElseThrow();
    List<String> columns = names(line, separator);
    requireNames(columns, line, Location.display(file));
    return new TextTable(kind, name, hints, separator, columns);
  }

  private static Optional<String> firstLine(Configuration hadoop, Path file) throws IOException {
    long length = file.getFileSystem(hadoop).getFileStatus(file).getLen();
    try (LineRecordReader lines = new LineRecordReader()) {
      lines.initialize(
          new FileSplit(file, 0, length, new String[0]),
          new TaskAttemptContextImpl(hadoop, new TaskAttemptID()));
      while (lines.nextKeyValue()) {
        if (!lines.getCurrentValue().toString().isBlank()) {
          return Optional.of(lines.getCurrentValue().toString());
        }
      }
      return Optional.empty();
    }
  }

  /** As Spark has it for {@link #reader}. */
  private static CsvParser parser(char separator, String missing) {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setDelimiter(separator);
    settings.getFormat().setQuoteEscape('"');
    settings.setCommentProcessingEnabled(false);
    settings.setUnescapedQuoteHandling(UnescapedQuoteHandling.STOP_AT_DELIMITER);
    settings.setMaxColumns(MOST_COLUMNS);
    settings.setMaxCharsPerColumn(-1);
    settings.setNullValue(missing);
    settings.setEmptyValue(missing);
    return new CsvParser(settings);
  }

  private static List<String> names(String line, char separator) {
    return Stream.of(parser(separator, "").parseLine(line)).map(String::trim).toList();
  }

  private static void requireNames(List<String> columns, String line, String file) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String column : columns) {
      String trouble =
          column.isEmpty()
              ? "no name for column %d%s"
                  .formatted(
                      columns.indexOf(column) + 1,
                      columns.get(0).isEmpty()
                          ? ", as pandas writes an index (index=False leaves it out)"
                          : "")
              : Kind.of(column) != Kind.TEXT
                  ? "%s in place of a name".formatted(column)
                  : names.add(column) ? "" : "'%s' twice".formatted(column);
      if (!trouble.isEmpty()) {
        throw new InvalidInputException(
            "The first line of %s has %s: expected the columns' names, each once, in a line before the rows; got %s"
                .formatted(file, trouble, line));
      }
    }
  }

  /** What the line holds; null if it is no object. */
  private static JsonNode object(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return node != null && node.isObject() ? node : null;
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
    // All that decides about values is said, whatever the defaults of a Spark are.
    return reader
        .schema(schema)
        .option("header", true)
        .option("enforceSchema", true)
        .option("sep", String.valueOf(separator))
        .option("encoding", "UTF-8")
        .option("quote", "\"")
        .option("escape", "\"")
        .option("unescapedQuoteHandling", "STOP_AT_DELIMITER")
        .option("ignoreLeadingWhiteSpace", true)
        .option("ignoreTrailingWhiteSpace", true)
        .option("nullValue", hints.missing())
        .option("emptyValue", hints.missing())
        .option("nanValue", "NaN")
        .option("positiveInf", "Inf")
        .option("negativeInf", "-Inf")
        .option("maxColumns", MOST_COLUMNS)
        .option("maxCharsPerColumn", -1)
        .option("multiLine", false)
        .option("preferDate", true)
        .option("dateFormat", "yyyy-MM-dd")
        .option("allowNonNumericNumbers", true)
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
    String versions = String.join("\n", new TreeSet<>(files.keySet()));
    String key = DigestUtils.sha256Hex(kind + hints.missing() + "\n" + versions);
    FoundColumns found =
        FOUND.computeIfAbsent(key, k -> find(spark, files.values().toArray(String[]::new)));
    if (found.otherNames != null) {
      throw new InvalidInputException(
          "%s has files with other columns: expected the first line %s in each, got %s"
              .formatted(name, String.join(String.valueOf(separator), first), found.otherNames));
    }
    if (found.malformed != null) {
      throw new InvalidInputException(
          "%s of %s %s, such as %s: expected %s"
              .formatted(
                  Text.count(found.malformedLines, "line"),
                  name,
                  kind == FileKind.CSV
                      ? "without the %d fields that the first line has".formatted(first.size())
                      : "without an object of JSON",
                  found.malformed,
                  kind == FileKind.CSV
                      ? "one line per row; fields with %s or quotes stand in quotes, and quotes in them are doubled"
                          .formatted(separator)
                      : "one object per line; 'jq -c .[]' makes them of an array"));
    }
    if (found.columns.isEmpty() && kind == FileKind.JSON) {
      throw new InvalidInputException(name + " is empty: expected an object of JSON per line");
    }
    return columns(found.columns);
  }

  private FoundColumns find(SparkSession spark, String... files) {
    boolean csv = kind == FileKind.CSV;
    List<String> names = first;
    char between = separator;
    String missing = hints.missing();
    return ParquetFiles.reader(spark)
        .text(files)
        .select(col("value"), input_file_name(), expr("input_file_block_start()"))
        .javaRDD()
        .mapPartitions(
            lines -> {
              FoundColumns found = new FoundColumns();
              CsvParser parser = parser(between, missing);
              String block = "";
              while (lines.hasNext()) {
                Row row = lines.next();
                String line = row.getString(0);
                String file = row.getString(1);
                boolean starts = row.getLong(2) == 0 && !block.equals(file);
                if (line.isBlank()) {
                  continue;
                }
                block = row.getLong(2) == 0 ? file : "";
                if (!csv) {
                  addObject(found, line, file);
                } else if (!starts) {
                  addFields(found, names, parser, missing, line, file);
                } else if (!names(line, between).equals(names)) {
                  found.addOther(line, file);
                }
              }
              return List.of(found).iterator();
            })
        .treeReduce(FoundColumns::and);
  }

  private static void addFields(
      FoundColumns found,
      List<String> names,
      CsvParser parser,
      String missing,
      String line,
      String file) {
    String[] fields = null;
    // A field with a line break in it would be two rows.
    if (StringUtils.countMatches(line, '"') % 2 == 0) {
      try {
        fields = parser.parseLine(line);
      } catch (TextParsingException e) {
        // There are more fields than any table has.
      }
    }
    if (fields == null || fields.length != names.size()) {
      found.addMalformed(line, file);
      return;
    }
    for (int i = 0; i < fields.length; i++) {
      if (!fields[i].isEmpty() && !fields[i].equals(missing)) {
        found.add(names.get(i), Kind.of(fields[i]), fields[i], file);
      }
    }
  }

  private static void addObject(FoundColumns found, String line, String file) {
    JsonNode object = object(line);
    if (object == null && !line.isBlank()) {
      found.addMalformed(line, file);
    } else if (object != null) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        JsonNode value = field.getValue();
        if (value.isNull()) {
          found.add(field.getKey());
        } else {
          String text = value.isTextual() ? value.textValue() : value.toString();
          found.add(field.getKey(), Kind.of(value), text, file);
        }
      }
    }
  }

  private Columns columns(Map<String, Map<Kind, Example>> found) {
    Set<String> names = new LinkedHashSet<>(first);
    names.addAll(new TreeSet<>(found.keySet()));
    StructType schema = new StructType();
    Map<String, String> doubts = new HashMap<>();
    for (String column : names) {
      Map<Kind, Example> kinds = found.getOrDefault(column, Map.of());
      DataType known = hints.types().get(column);
      DataType narrowest = Kind.narrowest(kinds.keySet());
      DataType type =
          known == TextHints.NUMBER
              ? narrowest.equals(DataTypes.LongType) ? narrowest : DataTypes.DoubleType
              : known == null ? narrowest : known;
      if (!Kind.fits(kinds.keySet(), type)) {
        throw new InvalidInputException(
            "Column '%s' of %s holds %s, expected type %s%s"
                .formatted(
                    column,
                    name,
                    kinds.entrySet().stream()
                        .filter(of -> !Kind.fits(Set.of(of.getKey()), type))
                        .map(of -> of.getValue().toString())
                        .collect(Collectors.joining(" and ")),
                    type.simpleString(),
                    remedy(kinds, "")));
      }
      if (known == null && type.equals(DataTypes.StringType) && kinds.size() > 1) {
        doubts.put(
            column,
            "Column '%s' of %s holds %s, expected values of one type%s"
                .formatted(
                    column,
                    name,
                    kinds.values().stream()
                        .map(Example::toString)
                        .collect(Collectors.joining(" and ")),
                    remedy(kinds, column)));
      }
      schema = schema.add(column, type);
    }
    return new Columns(schema, doubts);
  }

  /** What a user can do if a column holds values of several kinds. */
  private String remedy(Map<Kind, Example> kinds, String column) {
    List<String> remedies = new ArrayList<>();
    if (!column.isEmpty()) {
      remedies.add(
          "--types '%s string' if all are strings"
              .formatted(column.matches("\\w+") ? column : "`" + column + "`"));
    }
    if (kind == FileKind.CSV && kinds.containsKey(Kind.TEXT)) {
      remedies.add(
          "--missing '%s' if that is a missing value".formatted(kinds.get(Kind.TEXT).text()));
    }
    return remedies.isEmpty() ? "" : ": " + String.join(", ", remedies);
  }
}
