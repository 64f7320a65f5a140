package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of embeddings, in the schema that all readers rely on. */
class EmbeddingsTest {

  private final SparkSession spark = LocalSpark.session();

  private TableFiles files;

  @BeforeEach
  void open(@TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void ownTable() {
    String path =
        files.write(
            "select id, if(id < 7, 'train', 'test') split, cast(id % 3 as int) label,"
                + " array(float(id), float(-id)) embedding from range(10)");
    EmbeddingTable table =
        Embeddings.read(
            files.spark(), path, EmbeddingQuery.of(Embeddings.COLUMN, InvalidRows.REFUSE));
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

  /** Scores of a table have these columns without values, and can be trained on. */
  @Test
  void errorsWithoutAnyValueAreNone() {
    String path =
        files.write(
            "select id, cast(null as double) reconstruction_error, 0.5d relative_error,"
                + " array(float(id), 1f) v from range(10)");
    EmbeddingTable table = files.read(path, "v", InvalidRows.REFUSE);
    assertThat(table.errors()).containsExactly("relative_error");
    assertThat(table.rows().columns()).doesNotContain("reconstruction_error");
  }

  /** As Spark has it, names that differ in case only are the same. */
  @Test
  void columnsAreFoundInWhateverCase() {
    String path =
        files.write(
            "select id + 5 ID, if(id < 7, 'train', 'test') Split, int(id % 3) LABEL,"
                + " 0.5d Reconstruction_Error, 0.1d RELATIVE_Error, array(float(id), 1f) Vector from range(10)");
    EmbeddingTable table = files.read(path, "vector", InvalidRows.REFUSE);
    assertThat(table.identified()).isTrue();
    assertThat(table.classes()).isEqualTo(3);
    assertThat(table.errors()).isEqualTo(Embeddings.ERRORS);
    assertThat(table.splits()).isEqualTo(Map.of("train", 7L, "test", 3L));
    assertThat(table.rows().schema().fieldNames()).isEqualTo(Embeddings.RECONSTRUCTED.fieldNames());
    assertThat(table.rows().selectExpr("min(id)").first().getLong(0)).isEqualTo(5);
  }

  @Test
  void otherTablesAreBroughtToTheSchema() {
    String path = files.write("select array(double(id), 0.1d) `a.vector` from range(0, 10, 1, 2)");
    EmbeddingTable table = files.read(path, "a.vector", InvalidRows.REFUSE);
    assertThat(table.rows().schema().fieldNames()).isEqualTo(Embeddings.SCHEMA.fieldNames());
    for (StructField field : Embeddings.SCHEMA.fields()) {
      assertThat(table.rows().schema().apply(field.name()).dataType().simpleString())
          .isEqualTo(field.dataType().simpleString());
    }
    assertThat(table.splits()).isEqualTo(Map.of("train", 10L, "test", 0L));
    assertThat(table.labelled()).isFalse();
    assertThat(table.identified()).isFalse();
    List<Row> rows = table.rows().collectAsList();
    assertThat(rows.stream().map(row -> row.getLong(0))).doesNotHaveDuplicates();
    assertThat(rows).allSatisfy(row -> assertThat(row.isNullAt(2)).isTrue());
    assertThat(rows).allSatisfy(row -> assertThat(row.<Float>getList(3).get(1)).isEqualTo(0.1f));
    // Ids that were given do not count.
    String again =
        files.write("select array(double(9 - id), 0.1d) `a.vector` from range(0, 10, 1, 1)");
    assertThat(files.read(again, "a.vector", InvalidRows.REFUSE).fingerprint())
        .isEqualTo(table.fingerprint());
  }

  /** Neither the digits of a language nor its letters are part of an id. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "tr-TR"})
  void theLanguageOfTheMachineDoesNotMatter(String language) {
    String path = files.write("select array(float(id), 1f) I, id from range(10)");
    EmbeddingTable table = files.read(path, "i", InvalidRows.REFUSE);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(language));
    try {
      assertThat(files.read(path, "i", InvalidRows.REFUSE).fingerprint())
          .isEqualTo(table.fingerprint());
    } finally {
      Locale.setDefault(before);
    }
  }
}
