package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.jobs.bench.AnomalyTable.Parts;
import dev.realnvp.jobs.bench.AnomalyTable.Setting;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnomalyTableTest {

  private static final String ROWS = "0,1,0\n0,2,0\n0,3,0\n0,4,0\n";

  @TempDir private Path folder;

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  @Test
  void everyFileIsATable() throws IOException {
    write("b.csv", ROWS + " -1.5, 2e3, 1\n");
    write("notes.txt", "not a table");
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("a.csv.gz")))) {
      out.write((ROWS + "7,8,1\n").getBytes(StandardCharsets.UTF_8));
    }

    List<AnomalyTable> tables = AnomalyTable.readAll(folder);

    assertThat(tables).extracting(AnomalyTable::name).containsExactly("a", "b");
    assertThat(tables.get(0).normal()).hasSize(4);
    assertThat(tables.get(0).normal().get(2)).containsExactly(0, 3);
    assertThat(tables.get(1).anomalous().get(0)).containsExactly(-1.5f, 2000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0,1,2     | a.csv: got line 0,1,2, expected 2 finite features, then 1 for an anomaly or 0
          0,1,yes   | a.csv: got line 0,1,yes, expected 2 finite features, then 1 for an anomaly or 0
          0,1       | a.csv: got line 0,1, expected 2 finite features, then 1 for an anomaly or 0
          0,1,2,1   | a.csv: got line 0,1,2,1, expected 2 finite features, then 1 for an anomaly or 0
          0,x,1     | a.csv: got line 0,x,1, expected 2 finite features, then 1 for an anomaly or 0
          0,NaN,1   | a.csv: got line 0,NaN,1, expected 2 finite features, then 1 for an anomaly or 0
          0,1,0     | got 5 normal rows and 0 anomalies, expected at least 4 and 1
          """)
  void whatIsNoTableIsRefused(String row, String message) throws IOException {
    write("a.csv", ROWS + row + "\n");
    refused(folder, message);
  }

  @Test
  void whatHasNoTablesIsRefused() throws IOException {
    refused(folder.resolve("nowhere"), "--tables: got " + folder.resolve("nowhere"));
    refused(folder, " has no file NAME.csv or NAME.csv.gz");
    write("a.csv.gz", ROWS);
    refused(folder, "a.csv.gz is no gzip file, or a damaged one");
    Files.delete(folder.resolve("a.csv.gz"));
    write("a.csv", "1,1\n");
    refused(folder, "a.csv: got line 1,1, expected 2 finite features");
    write("a.csv", "");
    refused(folder, "a.csv: got 0 normal rows and 0 anomalies");
  }

  private static void refused(Path tables, String message) {
    assertThatThrownBy(() -> AnomalyTable.readAll(tables))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
  }

  @Test
  void twoTablesOfOneNameAreRefused() {
    List<AnomalyTable> tables = List.of(new AnomalyTable("local", List.of(), List.of()));
    assertThatThrownBy(() -> new DetectionQuality(tables, 1, false).all())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("--tables: two tables have the line detection-local-unsupervised");
  }

  @Test
  void unsupervisedIsAllRowsInBothParts() {
    AnomalyTable table = table(10, 3);
    Parts parts = table.parts(Setting.UNSUPERVISED, 1);
    assertThat(parts.train()).hasSize(13).containsAll(table.anomalous());
    assertThat(parts.test()).isEqualTo(table);
  }

  @Test
  void oneClassLearnsFromHalfOfTheNormalRowsByTheSeed() {
    AnomalyTable table = table(11, 3);
    Parts parts = table.parts(Setting.ONE_CLASS, 1);
    assertThat(parts.train()).hasSize(5);
    assertThat(parts.test().anomalous()).isEqualTo(table.anomalous());
    List<float[]> normal = new ArrayList<>(parts.train());
    normal.addAll(parts.test().normal());
    assertThat(normal).containsExactlyInAnyOrderElementsOf(table.normal());

    assertThat(table.parts(Setting.ONE_CLASS, 1)).isEqualTo(parts);
    assertThat(table.parts(Setting.ONE_CLASS, 2).train()).isNotEqualTo(parts.train());
  }

  private static AnomalyTable table(int normal, int anomalies) {
    return new AnomalyTable("t", rows(normal, 0), rows(anomalies, 100));
  }

  private static List<float[]> rows(int count, int first) {
    return IntStream.range(first, first + count).mapToObj(i -> new float[] {i, -i}).toList();
  }
}
