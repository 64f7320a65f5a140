package dev.realnvp.spark.table;

import static dev.realnvp.spark.table.TableFiles.CATS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The rows of a table that a predicate chooses. */
@ExtendWith(LocalSpark.class)
class EmbeddingPredicateTest {

  private TableFiles files;

  @BeforeEach
  void open(SparkSession spark, @TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void aPredicateChoosesTheRows() {
    String path = files.write(CATS);
    EmbeddingTable table = files.read(path, "kind", "", "other between 4 and 8 and kind <> 'a'");
    assertThat(table.rows().select("id").as(Encoders.LONG()).collectAsList())
        .containsExactlyInAnyOrder(1L, 3L, 4L);
    assertThat(table.names().names()).containsExactly("b", "ä");
    assertThat(table.splits()).isEqualTo(Map.of("train", 3L, "test", 0L));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "", "", "id > 99"))
        .withMessage(path + " where id > 99 holds no rows");
  }

  @Test
  void aPredicateThatIsNoneIsOneLine() {
    String path = files.write(CATS);
    for (String predicate :
        List.of("othr > 3", "other >", "other", "rand() < 0.5", "count(*) > 1", "id in (", "'")) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> files.read(path, "", "", predicate))
          .withMessageStartingWith("No rows of " + path + " where " + predicate + ": ")
          .matches(e -> e.getMessage().lines().count() == 1);
    }
  }
}
