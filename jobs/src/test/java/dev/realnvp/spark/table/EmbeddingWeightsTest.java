package dev.realnvp.spark.table;

import static dev.realnvp.spark.table.TableFiles.CATS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights of embeddings. */
class EmbeddingWeightsTest {

  private final SparkSession spark = LocalSpark.session();

  private TableFiles files;

  @BeforeEach
  void open(@TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void weightsAreRelativeToTheirMeanAndRowsWithoutAreLeftOut() {
    EmbeddingTable table = files.read(files.write(CATS), "", "w", "");
    assertThat(table.splits()).isEqualTo(Map.of("train", 5L, "test", 2L));
    assertThat(table.weights()).isEqualTo(Map.of("train", 3.75, "test", 3.25));
    List<Row> rows = table.split("train").orderBy("id").select("id", "weight").collectAsList();
    assertThat(rows.get(0).getLong(0)).isEqualTo(1);
    assertThat(rows.stream().mapToDouble(row -> row.getDouble(1)))
        .containsExactly(1 / 3.0, 2 / 3.0, 1.0, 4 / 3.0, 5 / 3.0);
    assertThat(table.fingerprint())
        .isNotEqualTo(files.read(files.write(CATS), "", "", "id > 0").fingerprint());
  }

  @Test
  void weightsAreNumbersOfAnyType() {
    String path =
        files.write(
            "select id, array(float(id)) v, cast(id + 1 as decimal(10,2)) d, float(id + 1) f,"
                + " cast(id + 1 as tinyint) t from range(3)");
    for (String column : List.of("d", "f", "t")) {
      assertThat(files.read(path, "", column, "").weights())
          .as(column)
          .isEqualTo(Map.of("train", 6.0, "test", 0.0));
    }
  }

  @Test
  void badWeights() {
    String path =
        files.write(
            "select id, array(1f) v, array(null, -1d, double('NaN'), double('Infinity'), 1d)[id] w"
                + " from range(5)");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "", "w", ""))
        .withMessage("Column 'w' of " + path + " is null, negative, NaN or infinite in 4 rows");
  }
}
