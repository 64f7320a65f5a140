package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
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
  void rowsThatAreHeldOutAreOfTheTrainSplitAndKeepTogether() {
    String path =
        files.write(
            "select id, if(id < 4000, 'train', 'test') split, array(float(id % 1000)) v,"
                + " 1d + id % 2 w from range(5000)");
    EmbeddingTable table = files.read(path, "", "w", "").holdOut(0.25);
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
