package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.text.TextHints;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found in CSV and JSON lines, and in which files. */
@ExtendWith(LocalSpark.class)
class TextTablesTest {

  @TempDir Path folder;

  private final SparkSession spark;

  TextTablesTest(SparkSession spark) {
    this.spark = spark;
  }

  private String write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        OutputStream packed = name.endsWith(".gz") ? new GZIPOutputStream(out) : out) {
      packed.write(text.replace("~", "\n").getBytes("UTF-8"));
    }
    return file.toString();
  }

  private TableInput open(String name) {
    return open(name, "", TextHints.NONE);
  }

  private TableInput open(String name, String where, TextHints hints) {
    return Tables.open(spark, folder.resolve(name).toString(), where, column -> true, hints);
  }

  private void reads(String name, String schema, String rows) {
    assertThat(open(name).rows().schema().toDDL().replace("`", "")).isEqualTo(schema);
    assertThat(open(name).rows().collectAsList().toString()).isEqualTo(rows);
  }

  private void refuses(String name, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> open(name).rows().collectAsList())
        .withMessageMatching(
            Arrays.stream(message.replace("$", folder.toString()).split("\\.\\.\\.", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*")));
  }

  @Test
  void typesFollowFromAllValues() throws IOException {
    write(
        "a.csv",
        "whole,number,truth,day,at,instant,text,code,none,big~"
            + "1,1,true,2026-01-31,2026-01-31 10:00:00,2026-01-31T10:00:00Z,a,012,,1~"
            + "-2,2.5e3,FALSE,2026-02-01,2026-01-31,2026-01-31T10:00:00.5+01:00,b,y,,9~");
    reads(
        "a.csv",
        "whole BIGINT,number DOUBLE,truth BOOLEAN,day DATE,at TIMESTAMP_NTZ,instant TIMESTAMP,"
            + "text STRING,code STRING,none STRING,big BIGINT",
        "[[1,1.0,true,2026-01-31,2026-01-31T10:00,2026-01-31 10:00:00.0,a,012,null,1],"
            + " [-2,2500.0,false,2026-02-01,2026-01-31T00:00,2026-01-31 09:00:00.5,b,y,null,9]]");
  }

  /** What would lose digits as a number, and what is no day, is a string. */
  @ParameterizedTest
  @CsvSource({
    "012,string",
    "-07,string",
    "99999999999999999999,string",
    "2026-02-30,string",
    "9223372036854775807,string",
    "'1,5',string",
    "1f,string",
    "0x1p3,string",
    "+1,bigint",
    "-0,bigint",
    "922337203685477580,bigint",
    "1.,double",
    "-.5,double",
    "1E5,double",
    "NaN,double",
    "-Inf,double",
    "Infinity,double",
    "2026-01-31T24:00,string",
    "2026-01-31T23:59,timestamp_ntz",
    "nan,string",
    "True,boolean"
  })
  void valuesAreWhatTheyLookLike(String value, String type) throws IOException {
    write("v.csv", "a,v~x,\"" + value + "\"~");
    TableInput table = open("v.csv");
    assertThat(table.type("v").simpleString()).isEqualTo(type);
    assertThat(table.rows().first().isNullAt(1)).isFalse();
  }

  @Test
  void csvOfManyPrograms() throws IOException {
    String schema = "id BIGINT,kind STRING,price DOUBLE";
    write("excel.csv", "\uFEFFid;kind;price\r~1;\"a;b\";1.5\r~2;caf\u00e9;\r~");
    reads("excel.csv", schema, "[[1,a;b,1.5], [2,caf\u00e9,null]]");
    write("tabs.tsv", "id\tkind\tprice~1\ta,b\t1.5~~2\t\t2.5~");
    reads("tabs.tsv", schema, "[[1,a,b,1.5], [2,null,2.5]]");
    write("quotes.csv", "\"id\", \"kind\" ,price~\"1\",\"say \"\"hi\"\", \\\",1.5~2,\"\", 2.5 ~");
    reads("quotes.csv", schema, "[[1,say \"hi\", \\,1.5], [2,null,2.5]]");
    write("packed.csv.gz", "id,kind,price~1,a,1.5~");
    reads("packed.csv.gz", schema, "[[1,a,1.5]]");
  }

  @Test
  void jsonLines() throws IOException {
    write(
        "a.jsonl",
        "{\"z\": 1, \"a\": \"7\", \"v\": [1, 2.5], \"day\": \"2026-01-31\"}~~"
            + "{\"z\": 2.5, \"more\": true, \"deep\": {\"b\":[1]}, \"a\": null}~");
    assertThat(open("a.jsonl").rows().schema().toDDL())
        .isEqualTo("z DOUBLE,a STRING,v ARRAY<DOUBLE>,day DATE,deep STRING,more BOOLEAN");
    assertThat(
            open("a.jsonl")
                .rows()
                .selectExpr("to_json(struct(*))")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "{\"z\":1.0,\"a\":\"7\",\"v\":[1.0,2.5],\"day\":\"2026-01-31\"}",
            "{\"z\":2.5,\"deep\":\"{\\\"b\\\":[1]}\",\"more\":true}");
    write("b.json.gz", "{\"n\": NaN}~{\"n\": 3}");
    reads("b.json.gz", "n DOUBLE", "[[NaN], [3.0]]");
  }

  @Test
  void orcAsParquetWithColumnsOfAllFiles() {
    String both = folder.resolve("orc").toString();
    spark.sql("select 1L id, 0.5D a").write().orc(both);
    spark.sql("select 2L id, 'x' kind").write().mode("append").orc(both);
    assertThat(open("orc").rows().selectExpr("id", "a", "kind").orderBy("id").collectAsList())
        .hasToString("[[1,0.5,null], [2,null,x]]");
  }

  @Test
  void filesOfOneTableAreReadOnce() throws IOException {
    write("t/1.csv", "id,v~1,2~");
    write("t/2.CSV", "id,v~2,2.5~");
    write("t/_SUCCESS", "");
    write("t/.3.csv", "no~");
    String both = folder.resolve("t") + "," + folder.resolve("t/*.csv");
    assertThat(Tables.open(spark, both).rows().orderBy("id").collectAsList())
        .hasToString("[[1,2.0], [2,2.5]]");
  }

  @Test
  void onlyFilesOfTheWantedPartitionsAreLookedAt() throws IOException {
    write("days/day=1/a.csv", "id,v~1,0.5~");
    write("days/day=2/a.csv", "id,v~2,x,3~");
    assertThat(open("days", "day = 1 and v > 0", TextHints.NONE).rows().collectAsList())
        .hasToString("[[1,0.5,1]]");
    refuses("days", "$/days has the line '2,x,3' (a.csv): ...");
  }

  @Test
  void typesAreFoundOncePerVersionOfTheFiles() throws IOException {
    Path file = Path.of(write("once.csv", "id,v~1,2~"));
    var time = Files.getLastModifiedTime(file);
    assertThat(open("once.csv").type("v").simpleString()).isEqualTo("bigint");
    write("once.csv", "id,v~1,x~");
    Files.setLastModifiedTime(file, time);
    assertThat(open("once.csv").type("v").simpleString()).isEqualTo("bigint");
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    assertThat(open("once.csv").type("v").simpleString()).isEqualTo("string");
  }

  @Test
  void whatIsKnownCounts() throws IOException {
    write("k.csv", "zip,n,m~01,1,NA~2,2,3~");
    TextHints hints = TextHints.of("ZIP string, n float", "NA");
    assertThat(open("k.csv", "", hints).rows().schema().toDDL())
        .isEqualTo("zip STRING,n BIGINT,m BIGINT");
    assertThat(open("k.csv", "", hints).rows().collectAsList())
        .hasToString("[[01,1,null], [2,2,3]]");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> open("k.csv", "", TextHints.of("m bigint", "")))
        .withMessage(
            "Column 'm' of %s/k.csv holds '3' (k.csv) and 'NA' (k.csv), expected numbers; --missing TEXT takes a text as missing"
                .formatted(folder));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TextHints.of("m binary", ""));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TextHints.of("m", ""));
  }

  /** A column of values of several kinds is only in the way if its type matters. */
  @Test
  void ambiguousColumnsAreStringsThatNobodyMayUseUnawares() throws IOException {
    write("m/1.csv", "id,a b~1,2~");
    write("m/2.csv", "id,a b~2,n/a~");
    TableInput table = open("m");
    assertThat(table.rows().orderBy("id").collectAsList()).hasToString("[[1,2], [2,n/a]]");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> table.type("a b"))
        .withMessage(
            "Column 'a b' of %s/m holds '2' (1.csv) and 'n/a' (2.csv), expected values of one type"
                + "; --types '`a b` string' takes all as strings; --missing TEXT takes a text as missing",
            folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.csv | 1,x~2,y~ | The first line of $/a.csv has '1' in place of a name: expected the columns' names, each once; got 1,x",
        "b.csv | ,x~0,y~ | The first line of $/b.csv has '' in place of a name (as pandas writes an index; index=False leaves it out): ...",
        "c.csv | x,y,X~0,1,2~ | The first line of $/c.csv has 'X' in place of a name: ...",
        "d.csv | `` | $/d.csv is empty: ...",
        "e.csv.gz | `` | $/e.csv.gz is empty: ...",
        "f.csv | x,y~1,2~1,2,3~4~ | $/f.csv has the line '1,2,3' (f.csv): expected 2 fields in each line, and quotes around those with ,, and doubled in them",
        "g.csv | x,y~1,\"a~b\"~ | $/g.csv has the line ...: expected 2 fields in each line...",
        "g2.csv | x,y~1,\"a~b,c\"~ | $/g2.csv has the line ...: expected 2 fields in each line...",
        "h.json | [{\"a\":~1}]~ | $/h.json has the line '[{\"a\":' (h.json): expected an object of JSON in each line ('jq -c .[]' makes them of an array)",
        "i.json | {\"a\":1} {\"a\":2}~ | $/i.json has the line ...: expected an object...",
        "j.json | ~~ | $/j.json is empty: ...",
        "k.orc | `` | $/k.orc is empty: ...",
        "l.orc | x | Cannot read $/l.orc as ORC: ...",
        "m.xlsx | xxxxxxxxxxxxxxxxxxx | Cannot read $/m.xlsx as Parquet: m.xlsx in it: it is not a Parquet file, ... .csv, .tsv, .json, .jsonl, .ndjson, .orc ...",
      })
  void unclearFilesAreRefused(String name, String text, String message) throws IOException {
    write(name, text);
    refuses(name, message);
  }

  @Test
  void filesThatDoNotFitTogetherAreRefused() throws IOException {
    write("n/1.csv", "x,y~1,2~");
    write("n/2.csv", "y,x~1,2~");
    refuses("n", "$/n has the line 'y,x' (2.csv): expected the columns x, y in each file");
    write("o/1.csv", "x,y~1,2~");
    write("o/2.json", "{}~");
    write("o/README", "x");
    refuses(
        "o",
        "$/o has files of several kinds, such as 1.csv (read as CSV) and 2.json (read as JSON lines) and README (read as Parquet): ...");
  }
}
