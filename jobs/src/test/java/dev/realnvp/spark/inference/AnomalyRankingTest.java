package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalSpark.class)
class AnomalyRankingTest {

  private final SparkSession spark;

  AnomalyRankingTest(SparkSession spark) {
    this.spark = spark;
  }

  private Dataset<Row> embeddings() {
    return spark.sql("select array(float(id), float(id * id)) embedding from range(9)");
  }

  private Dataset<Row> scores(String reconstructionError) {
    return spark.sql(
        "select id, double(if(id = 3, double('NaN'), -id - 1)) log_prob, double(10 - id) typicality,"
            + " double(id / 20) relative_error, double(2 * id) anomaly_score,"
            + " double(%s) reconstruction_error from range(9)".formatted(reconstructionError));
  }

  @Test
  void greaterIsStrangerAndWhatIsNoNumberTheStrangest() {
    Map<String, double[]> values =
        AnomalyRanking.of(
            scores("id / 10"),
            embeddings(),
            Map.of("gaussian", GaussianDensity.fit(embeddings(), 0)),
            9);
    assertThat(values.keySet())
        .containsExactly(
            "anomaly_score",
            "log_prob",
            "typicality",
            "relative_error",
            "reconstruction_error",
            "gaussian");
    assertThat(values.get("log_prob"))
        .containsExactlyInAnyOrder(1, 2, 3, Double.POSITIVE_INFINITY, 5, 6, 7, 8, 9);
    assertThat(values.get("anomaly_score"))
        .containsExactlyInAnyOrder(0, 2, 4, 6, 8, 10, 12, 14, 16);
    assertThat(values.get("typicality")).containsExactlyInAnyOrder(2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(values.get("reconstruction_error")).hasSize(9).contains(0.8);
    assertThat(values.get("relative_error")).hasSize(9).contains(0.4);
    assertThat(values.get("gaussian")).hasSize(9);
  }

  @Test
  void aScoreThatRowsHaveNoneOfIsLeftOut() {
    Map<String, double[]> values =
        AnomalyRanking.of(
            scores("if(id = 0, null, 1)"),
            embeddings(),
            Map.of("gaussian", GaussianDensity.fit(embeddings(), 0)),
            9);
    assertThat(values.keySet())
        .containsExactly("anomaly_score", "log_prob", "typicality", "relative_error", "gaussian");
  }

  @Test
  void aRowWithoutADensityIsTheStrangestByWhatFollowsFromIt() {
    Dataset<Row> scores =
        scores("1")
            .selectExpr(
                "id",
                "if(id = 3, null, log_prob) log_prob",
                "if(id = 3, null, typicality) typicality",
                "reconstruction_error",
                "if(id = 3, null, anomaly_score) anomaly_score");
    Map<String, double[]> values =
        AnomalyRanking.of(
            scores, embeddings(), Map.of("gaussian", GaussianDensity.fit(embeddings(), 0)), 9);
    for (String name : List.of("anomaly_score", "log_prob", "typicality")) {
      assertThat(values.get(name)).as(name).hasSize(9).containsOnlyOnce(Double.POSITIVE_INFINITY);
    }
    assertThat(values.get("reconstruction_error")).containsOnly(1);
  }

  @Test
  @Tag("nightly")
  void ofManyRowsSomeAreTaken() {
    Dataset<Row> many =
        spark.sql(
            "select id, double(id) log_prob, 1d typicality, 1d reconstruction_error,"
                + " 1d anomaly_score, array(float(id), float(id * id)) embedding"
                + " from range(150000)");
    Map<String, double[]> values =
        AnomalyRanking.of(
            many, many, Map.of("gaussian", GaussianDensity.fit(embeddings(), 0)), 150_000);
    assertThat(values.get("log_prob").length).isBetween(98_000, 102_000);
    assertThat(values.get("gaussian").length).isBetween(98_000, 102_000);
  }
}
