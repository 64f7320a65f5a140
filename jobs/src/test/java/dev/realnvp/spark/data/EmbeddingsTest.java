package dev.realnvp.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LocalSpark.class)
class EmbeddingsTest {
  private final SparkSession spark;

  EmbeddingsTest(SparkSession spark) {
    this.spark = spark;
  }

  @TempDir private Path temp;

  /** Writes the rows of a SQL query. */
  private String write(String sql) {
    String path = temp.resolve("a table").toString();
    spark.sql(sql).write().mode("overwrite").parquet(path);
    return path;
  }

  private EmbeddingTable read(String path, String column, InvalidRows policy) {
    return Embeddings.read(spark, path, EmbeddingQuery.of(column, policy));
  }

  private void assertRefused(String path, String column, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, column, InvalidRows.REFUSE))
        .withMessage(message);
  }

  @Test
  void ownTable() {
    String path =
        write(
            "select id, if(id < 7, 'train', 'test') split, cast(id % 3 as int) label,"
                + " array(float(id), float(-id)) embedding from range(10)");
    EmbeddingTable table = Embeddings.read(spark, path);
    assertThat(table.count()).isEqualTo(10);
    assertThat(table.features()).isEqualTo(2);
    assertThat(table.classes()).isEqualTo(3);
    assertThat(table.labelled()).isTrue();
    assertThat(table.splits()).isEqualTo(Map.of("train", 7L, "test", 3L));
    assertThat(table.skipped()).isZero();
    List<Row> rows = table.split("test").orderBy("id").collectAsList();
    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).getLong(0)).isEqualTo(7);
    assertThat(rows.get(0).getInt(2)).isEqualTo(1);
    assertThat(rows.get(0).<Float>getList(3)).containsExactly(7f, -7f);
  }

  @Test
  void otherTablesAreBroughtToTheSchema() {
    String path = write("select array(double(id), 0.1d) `a.vector` from range(0, 10, 1, 2)");
    EmbeddingTable table = read(path, "a.vector", InvalidRows.REFUSE);
    assertThat(table.rows().schema().fieldNames()).isEqualTo(Embeddings.SCHEMA.fieldNames());
    for (StructField field : Embeddings.SCHEMA.fields()) {
      assertThat(table.rows().schema().apply(field.name()).dataType().simpleString())
          .isEqualTo(field.dataType().simpleString());
    }
    assertThat(table.splits()).isEqualTo(Map.of("train", 10L, "test", 0L));
    assertThat(table.labelled()).isFalse();
    List<Row> rows = table.rows().collectAsList();
    assertThat(rows.stream().map(row -> row.getLong(0))).doesNotHaveDuplicates();
    assertThat(rows).allSatisfy(row -> assertThat(row.isNullAt(2)).isTrue());
    assertThat(rows).allSatisfy(row -> assertThat(row.<Float>getList(3).get(1)).isEqualTo(0.1f));
    // Ids that were given do not count.
    String again = write("select array(double(9 - id), 0.1d) `a.vector` from range(0, 10, 1, 1)");
    assertThat(read(again, "a.vector", InvalidRows.REFUSE).fingerprint())
        .isEqualTo(table.fingerprint());
  }

  @Test
  void missingColumn() {
    String path = write("select id, array(1f) vector from range(3)");
    assertRefused(path, "embedding", path + " has no column 'embedding', only id, vector");
  }

  @Test
  void columnOfAnotherType() {
    String path = write("select id, array(1) vector from range(3)");
    assertRefused(
        path,
        "vector",
        "Column 'vector' of "
            + path
            + " is of type array<int>, expected array<float> or array<double>");
    String labels = write("select id, array(1f) vector, true label from range(3)");
    assertRefused(
        labels,
        "vector",
        "Column 'label' of "
            + path
            + " is of type boolean, expected bigint or int or smallint or tinyint or string");
  }

  @Test
  void noRows() {
    String path = write("select id, array(1f) v from range(0)");
    assertRefused(path, "v", path + " holds no rows");
  }

  @Test
  void unequalLength() {
    String path = write("select id, if(id = 1, array(1f, 2f), array(1f)) v from range(3)");
    assertRefused(
        path, "v", "Column 'v' of " + path + " holds rows of unequal length, from 1 to 2 values");
  }

  @Test
  void emptyArrays() {
    String path = write("select id, cast(array() as array<float>) v from range(3)");
    assertRefused(path, "v", "Column 'v' of " + path + " holds empty arrays only");
  }

  @Test
  void invalidRowsAreCountedAndRefusedOrSkipped() {
    String path =
        write(
            "select id, case id"
                + " when 1 then array(1d, double('NaN'))"
                + " when 2 then array(double('Infinity'), 1d)"
                + " when 3 then array(1d, double('-Infinity'))"
                + " when 4 then array(1d, null)"
                + " when 5 then null"
                + " when 6 then array(1e300d, 1d)"
                + " else array(double(id), 1d) end v from range(10)");
    assertRefused(
        path,
        "v",
        "Column 'v' of "
            + path
            + " is null, NaN or infinite in 6 of 10 rows: use --skip-invalid to leave them out");
    EmbeddingTable table = read(path, "v", InvalidRows.SKIP);
    assertThat(table.count()).isEqualTo(4);
    assertThat(table.skipped()).isEqualTo(6);
    assertThat(table.features()).isEqualTo(2);
    assertThat(table.splits()).isEqualTo(Map.of("train", 4L, "test", 0L));
    assertThat(table.rows().collectAsList().stream().map(row -> row.getLong(0)))
        .containsExactlyInAnyOrder(0L, 7L, 8L, 9L);

    String valid =
        write("select id, array(double(id), 1d) v from range(10) where id = 0 or id > 6");
    assertThat(read(valid, "v", InvalidRows.REFUSE).fingerprint()).isEqualTo(table.fingerprint());
  }

  @Test
  void nothingButInvalidRows() {
    String path = write("select id, array(float('NaN')) v from range(3)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, "v", InvalidRows.SKIP))
        .withMessage("Column 'v' of " + path + " is null, NaN or infinite in all 3 rows");
    String nulls = write("select id, cast(null as array<float>) v from range(3)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(nulls, "v", InvalidRows.SKIP))
        .withMessage("Column 'v' of " + path + " is null, NaN or infinite in all 3 rows");
  }

  @Test
  void labelsInSomeRowsOnly() {
    String path = write("select id, if(id = 0, null, 1) label, array(1f) v from range(3)");
    assertRefused(
        path,
        "v",
        "Column 'label' of "
            + path
            + " is null in 1 of 3 rows: expected a label in all or in none");
  }

  @Test
  void labelsBeyondAnInt() {
    String path = write("select id, id * 4294967296 label, array(1f) v from range(2)");
    assertRefused(
        path, "v", "Column 'label' of " + path + " holds 4294967296: labels are from 0 to 99999");
  }

  @Test
  void nullIdsAndSplits() {
    String path = write("select nullif(id, 1) id, array(1f) v from range(3)");
    assertRefused(path, "v", "Column 'id' of " + path + " is null in 1 row");
    write("select id, string(null) split, array(1f) v from range(3)");
    assertRefused(
        path, "v", "Column 'split' of " + path + " is null in 3 rows, expected 'train' or 'test'");
  }

  private EmbeddingTable read(String path, String label, String weight, String where) {
    return Embeddings.read(
        spark, path, new EmbeddingQuery("v", label, weight, where, InvalidRows.REFUSE));
  }

  private static final String CATS =
      "select id, if(id < 6, 'train', 'test') split, array('b', 'ä', 'a')[id % 3] kind,"
          + " cast(9 - id as int) other, id / 4 w, array(float(id)) v from range(8)";

  @Test
  void stringLabelsAreNumberedInTheirOrder() {
    EmbeddingTable table = read(write(CATS), "kind", "", "");
    assertThat(table.names().names()).containsExactly("a", "b", "ä");
    assertThat(table.classes()).isEqualTo(3);
    List<Row> rows = table.rows().orderBy("id").collectAsList();
    assertThat(rows.stream().map(row -> row.getInt(2))).startsWith(1, 2, 0, 1);
    assertThat(table.rows().columns()).isEqualTo(Embeddings.SCHEMA.fieldNames());
  }

  @Test
  void namesThatTheModelKnowsKeepTheirLabelsAndOthersHaveNone() {
    String path = write(CATS);
    EmbeddingQuery query = new EmbeddingQuery("v", "kind", "", "", InvalidRows.REFUSE);
    LabelNames known = new LabelNames(List.of("a", "c", "ä"));
    EmbeddingTable table = Embeddings.read(spark, path, query, known);
    assertThat(table.classes()).isEqualTo(3);
    List<Row> rows =
        table
            .rows()
            .withColumn("name", known.name(functions.col("label")))
            .orderBy("id")
            .collectAsList();
    assertThat(rows.get(0).isNullAt(2)).isTrue();
    assertThat(rows.get(0).isNullAt(4)).isTrue();
    assertThat(rows.get(1).getInt(2)).isEqualTo(2);
    assertThat(rows.get(1).getString(4)).isEqualTo("ä");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Embeddings.read(spark, path, query, LabelNames.NONE))
        .withMessageContaining("'kind'")
        .withMessageEndingWith("is of type string, expected bigint or int or smallint or tinyint");
  }

  @Test
  void otherColumnsOfLabels() {
    String path = write(CATS);
    EmbeddingTable table = read(path, "other", "", "");
    assertThat(table.classes()).isEqualTo(10);
    assertThat(table.names().isEmpty()).isTrue();
    assertThat(read(path, "", "", "").labelled()).isFalse();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, "kin", "", ""))
        .withMessage(path + " has no column 'kin', only id, split, kind, other, w, v");
  }

  @Test
  void aPredicateChoosesTheRows() {
    String path = write(CATS);
    EmbeddingTable table = read(path, "kind", "", "other between 4 and 8 and kind <> 'a'");
    assertThat(table.rows().select("id").as(Encoders.LONG()).collectAsList())
        .containsExactlyInAnyOrder(1L, 3L, 4L);
    assertThat(table.names().names()).containsExactly("b", "ä");
    assertThat(table.splits()).isEqualTo(Map.of("train", 3L, "test", 0L));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, "", "", "id > 99"))
        .withMessage(path + " where id > 99 holds no rows");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"othr > 3", "other >", "other", "rand() < 0.5", "count(*) > 1", "id in (", "'"})
  void aPredicateThatIsNoneIsOneLine(String predicate) {
    String path = write(CATS);
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> read(path, "", "", predicate))
        .withMessageStartingWith("No rows of " + path + " where " + predicate + ": ")
        .matches(e -> e.getMessage().lines().count() == 1);
  }

  @Test
  void weightsAreRelativeToTheirMeanAndRowsWithoutAreLeftOut() {
    EmbeddingTable table = read(write(CATS), "", "w", "");
    assertThat(table.splits()).isEqualTo(Map.of("train", 5L, "test", 2L));
    assertThat(table.weights()).isEqualTo(Map.of("train", 3.75, "test", 3.25));
    List<Row> rows = table.split("train").orderBy("id").select("id", "weight").collectAsList();
    assertThat(rows.get(0).getLong(0)).isEqualTo(1);
    assertThat(rows.stream().mapToDouble(row -> row.getDouble(1)))
        .containsExactly(1 / 3.0, 2 / 3.0, 1.0, 4 / 3.0, 5 / 3.0);
    assertThat(table.fingerprint()).isNotEqualTo(read(write(CATS), "", "", "id > 0").fingerprint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "-1d", "double('NaN')", "double('Infinity')"})
  void badWeights(String weight) {
    String path = write("select id, array(1f) v, if(id = 1, " + weight + ", 1d) w from range(3)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, "", "w", ""))
        .withMessage("Column 'w' of " + path + " is null, negative, NaN or infinite in 1 row");
  }

  @Test
  void rowsThatAreHeldOutAreOfTheTrainSplitAndKeepTogether() {
    String path =
        write(
            "select id, if(id < 4000, 'train', 'test') split, array(float(id % 1000)) v,"
                + " 1d + id % 2 w from range(5000)");
    EmbeddingTable table = read(path, "", "w", "").holdOut(0.25);
    List<Double> held = values(table, "test");
    List<Double> trained = values(table, "train");
    assertThat(held.size() + trained.size()).isEqualTo(4000);
    assertThat(table.splits())
        .isEqualTo(Map.of("train", (long) trained.size(), "test", (long) held.size()));
    assertThat(held.size()).isBetween(800, 1200);
    assertThat(trained).doesNotContainAnyElementsOf(held);
    double sum =
        table.rows().where("split = 'test'").selectExpr("sum(weight)").first().getDouble(0);
    assertThat(table.weights().get("test")).isEqualTo(sum);
    assertThat(table.weights().get("train")).isEqualTo(6000 - sum);
  }

  private static List<Double> values(EmbeddingTable table, String split) {
    return table
        .split(split)
        .selectExpr("double(embedding[0])")
        .as(Encoders.DOUBLE())
        .collectAsList();
  }
}
