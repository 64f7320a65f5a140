package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables that cannot be embeddings, and rows that cannot be among them. */
class UnusableEmbeddingsTest {

  private final SparkSession spark = LocalSpark.session();

  private TableFiles files;

  @BeforeEach
  void open(@TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "id, array(1f) vector; TABLE has no column 'v', only id, vector",
        "id, array(1) v; Column 'v' of TABLE is of type array<int>, expected array<float> or array<double> or vector",
        "id, if(id = 1, array(1f, 2f), array(1f)) v; Column 'v' of TABLE holds rows of unequal length, from 1 to 2 values",
        "id, cast(array() as array<float>) v; Column 'v' of TABLE holds empty arrays only",
        "nullif(id, 1) id, array(1f) v; Column 'id' of TABLE is null in 1 row",
        "id, string(null) split, array(1f) v; Column 'split' of TABLE is null in 3 rows, expected 'train' or 'test'",
        "id, if(id = 0, null, 1) label, array(1f) v; Column 'label' of TABLE is null or NaN in 1 of 3 rows: expected a label in all or in none",
        "id, id * 2147483648 label, array(1f) v; Column 'label' of TABLE holds 4294967296: labels are from 0 to 99999"
      })
  void ofThreeRows(String columns, String message) {
    String path = files.write("select " + columns + " from range(3)");
    files.assertRefused(path, "v", message.replace("TABLE", path));
  }

  @Test
  void noRows() {
    String path = files.write("select id, array(1f) v from range(0)");
    files.assertRefused(path, "v", path + " holds no rows");
  }

  /** Without the name of its column split, all rows would be train rows. */
  @Test
  void damagedNameOfAColumn() throws IOException {
    String path = files.write("select id, 'test' split, array(1f) v from range(0, 3, 1, 1)");
    String file = files.replace(path, "{\"name\":\"split\"", "{\"name\":\"splat\"");
    files.assertRefused(
        path,
        "v",
        "Cannot read %s as Parquet: %s in it: its column split is not among those that Spark's description names: id, splat, v"
            .formatted(path, file));
  }

  /** One that is named: of a column that happens to be called label nothing is read. */
  @Test
  void labelOfAnotherType() {
    String path = files.write("select id, array(1f) v, true label from range(3)");
    assertThat(files.read(path, "v", InvalidRows.REFUSE).labelled()).isFalse();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "label", "", ""))
        .withMessage(
            "Column 'label' of "
                + path
                + " is of type boolean, expected bigint or int or smallint or tinyint or string");
  }

  @Test
  void invalidRowsAreCountedAndRefusedOrSkipped() {
    String path =
        files.write(
            "select id, case id"
                + " when 1 then array(1d, double('NaN'))"
                + " when 2 then array(double('Infinity'), 1d)"
                + " when 3 then array(1d, double('-Infinity'))"
                + " when 4 then array(1d, null)"
                + " when 5 then null"
                + " when 6 then array(1e300d, 1d)"
                + " else array(double(id), 1d) end v from range(10)");
    files.assertRefused(
        path,
        "v",
        "Column 'v' of "
            + path
            + " is null, NaN or infinite in 6 of 10 rows: use --skip-invalid to leave them out");
    EmbeddingTable table = files.read(path, "v", InvalidRows.SKIP);
    assertThat(table.count()).isEqualTo(4);
    assertThat(table.skipped()).isEqualTo(6);
    assertThat(table.features()).isEqualTo(2);
    assertThat(table.splits()).isEqualTo(Map.of("train", 4L, "test", 0L));
    assertThat(table.rows().collectAsList().stream().map(row -> row.getLong(0)))
        .containsExactlyInAnyOrder(0L, 7L, 8L, 9L);

    String valid =
        files.write("select id, array(double(id), 1d) v from range(10) where id = 0 or id > 6");
    assertThat(files.read(valid, "v", InvalidRows.REFUSE).fingerprint())
        .isEqualTo(table.fingerprint());
  }

  @Test
  void nothingButInvalidRows() {
    String path = files.write("select id, array(float('NaN')) v from range(3)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "v", InvalidRows.SKIP))
        .withMessage("Column 'v' of " + path + " is null, NaN or infinite in all 3 rows");
    String nulls = files.write("select id, cast(null as array<float>) v from range(3)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(nulls, "v", InvalidRows.SKIP))
        .withMessage("Column 'v' of " + path + " is null, NaN or infinite in all 3 rows");
  }
}
