package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Data sets that Spark gives in one order today and in another one tomorrow. */
@ExtendWith(LocalSpark.class)
class UnorderedRowsTest {

  @TempDir static Path folder;

  private static Dataset<Row> pets;
  private static RealNVPModel plain;

  @BeforeAll
  static void fit(SparkSession spark) {
    String path = folder.resolve("pets").toString();
    PetsTable.make(spark).write().parquet(path);
    pets = spark.read().parquet(path);
    plain = fit(pets);
  }

  private static RealNVPModel fit(Dataset<Row> rows) {
    return PetsTable.quick()
        .setContextCol("kind")
        .setWeightCol("w")
        .setValidationIndicatorCol("held")
        .setNumWorkers(2)
        .fit(rows);
  }

  @Test
  void ofAJoinGiveTheSameModel() {
    assertTheSameModel(
        pets.select("id", "kind", "held")
            .hint("shuffle_hash")
            .join(pets.select("id", "v", "w"), "id"));
  }

  private static void assertTheSameModel(Dataset<Row> shuffled) {
    RealNVPModel model = fit(shuffled);
    assertThat(model.manifest().id()).isEqualTo(plain.manifest().id());
    assertThat(model.manifest().config().get("class_counts"))
        .isEqualTo(plain.manifest().config().get("class_counts"));
    assertThat(model.summary().trainLosses()).isEqualTo(plain.summary().trainLosses());
    assertThat(model.summary().validationLosses()).isEqualTo(plain.summary().validationLosses());
    List<Row> differing =
        model
            .transform(pets)
            .as("model")
            .join(plain.transform(pets).as("plain"), "id")
            .where("model.anomalyScore != plain.anomalyScore")
            .collectAsList();
    assertThat(differing).isEmpty();
  }
}
