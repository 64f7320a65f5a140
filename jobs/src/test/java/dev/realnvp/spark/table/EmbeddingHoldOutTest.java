package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.text.TextHints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are held out of training. */
@ExtendWith(LocalSpark.class)
class EmbeddingHoldOutTest {

  private TableFiles files;

  @BeforeEach
  void open(SparkSession spark, @TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void rowsThatAreHeldOutAreOfTheTrainSplit() {
    String path =
        files.write(
            "select if(id < 4000, 'train', 'test') split, array(float(id % 1000)) v,"
                + " 1d + id % 2 w from range(5000)");
    EmbeddingTable table = files.read(path, "", "w", "").holdOut(0.25);
    List<Double> held = values(table, "test");
    List<Double> trained = values(table, "train");
    assertThat(held.size() + trained.size()).isEqualTo(4000);
    assertThat(table.splits())
        .isEqualTo(Map.of("train", (long) trained.size(), "test", (long) held.size()));
    // A quarter of four equal rows is one.
    assertThat(held).hasSize(1000).doesNotHaveDuplicates();
    double sum =
        table.rows().where("split = 'test'").selectExpr("sum(weight)").first().getDouble(0);
    assertThat(table.weights().get("test")).isEqualTo(sum);
    assertThat(table.weights().get("train")).isEqualTo(6000 - sum);
  }

  @Test
  void aHashDecidesAboutRowsWithoutCopies() {
    EmbeddingTable table =
        files
            .read(files.write("select id, array(float(id)) v from range(5000)"), "", "", "")
            .holdOut(0.25);
    long held =
        table
            .rows()
            .where("(split = 'test') = (pmod(xxhash64(label, embedding), 1000000) < 250000)")
            .count();
    assertThat(held).isEqualTo(5000);
    assertThat(table.splits().get("test")).isBetween(1100L, 1400L);
  }

  /** Seven distinct vectors; what else a row has tells which copies are held out. */
  @Test
  void theSameCopiesAreHeldOutWhateverTheFiles(SparkSession spark, @TempDir Path temp)
      throws Exception {
    Dataset<Row> rows =
        spark.sql(
            "select array(float(id % 7)) v, if(id % 3 = 0, 'same', 'note ' || id) note,"
                + " map('k', id % 5) extra from range(0, 3000, 1, 3)");
    List<List<String>> held = new ArrayList<>();
    for (int files : new int[] {1, 9}) {
      String path = temp.resolve("copies " + files).toString();
      Layouts.write(rows, files, path);
      Layouts.onCores(
          spark,
          files,
          () -> held.add(notes(read(spark, path, Optional.empty(), "").split("test"))));
    }
    assertThat(held.get(0)).isEqualTo(held.get(1)).hasSizeBetween(294, 306);
  }

  /** A row with an id is held out by its content alone, whatever other rows there are. */
  @Test
  void aCopyWithAnIdStaysWhereItIs(SparkSession spark) {
    String path =
        files.write("select id, array(float(id % 7)) v, 'note ' || id note from range(0, 3000)");
    EmbeddingTable all = read(spark, path, Optional.empty(), "");
    assertThat(all.splits().get("test")).isBetween(235L, 365L);
    assertThat(all.heldOut()).contains(new HoldOut(0.1, Optional.of(true)));
    List<String> some = notes(read(spark, path, Optional.of(true), "id < 1000").split("test"));
    assertThat(some).isEqualTo(notes(all.rows().where("split = 'test' and id < 1000")));
  }

  private static EmbeddingTable read(
      SparkSession spark, String path, Optional<Boolean> copies, String where) {
    return Embeddings.read(
        spark,
        path,
        new EmbeddingQuery(
            Features.of("v"),
            List.of(),
            List.of(),
            "",
            false,
            "",
            List.of(),
            where,
            InvalidRows.REFUSE,
            Optional.of(new HoldOut(0.1, copies)),
            Optional.of(new EmbeddingQuery.Passed(List.of(), true)),
            TextHints.NONE));
  }

  private static List<String> notes(Dataset<Row> rows) {
    return rows.selectExpr("passed.note").as(Encoders.STRING()).collectAsList().stream()
        .sorted()
        .toList();
  }

  private static List<Double> values(EmbeddingTable table, String split) {
    return table
        .split(split)
        .selectExpr("double(embedding[0])")
        .as(Encoders.DOUBLE())
        .collectAsList();
  }
}
