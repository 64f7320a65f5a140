package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class AnomalyRankingTest {

  private final SparkSession spark = LocalSpark.session();

  private Dataset<Row> embeddings() {
    return spark.sql("select array(float(id), float(id * id)) embedding from range(9)");
  }

  private Dataset<Row> scores(String reconstructionError) {
    return spark.sql(
        "select id, double(if(id = 3, double('NaN'), -id - 1)) log_prob, double(10 - id) typicality,"
            + " double(-2 * id) log_prob_z, double(3 * id) distance,"
            + " double(id / 20) relative_error, double(2 * id) anomaly_score,"
            + " double(%s) reconstruction_error from range(9)".formatted(reconstructionError));
  }

  @Test
  void greaterIsStrangerAndWhatIsNoNumberTheStrangest() {
    Map<String, double[]> values =
        AnomalyRanking.of(scores("id / 10"), embeddings(), Map.of("gaussian", gaussian()));
    assertThat(values.keySet())
        .containsExactly(
            "anomaly_score",
            "log_prob",
            "log_prob_z",
            "distance",
            "typicality",
            "relative_error",
            "reconstruction_error",
            "gaussian");
    assertThat(values.get("log_prob"))
        .containsExactlyInAnyOrder(1, 2, 3, Double.POSITIVE_INFINITY, 5, 6, 7, 8, 9);
    assertThat(values.get("anomaly_score"))
        .containsExactlyInAnyOrder(0, 2, 4, 6, 8, 10, 12, 14, 16);
    assertThat(values.get("log_prob_z")).contains(16, 14).doesNotContain(-16);
    assertThat(values.get("distance")).contains(24);
    assertThat(values.get("typicality")).containsExactlyInAnyOrder(2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(values.get("reconstruction_error")).hasSize(9).contains(0.8);
    assertThat(values.get("relative_error")).hasSize(9).contains(0.4);
    assertThat(values.get("gaussian")).hasSize(9);
  }

  @Test
  void aScoreThatRowsHaveNoneOfIsLeftOut() {
    Map<String, double[]> values =
        AnomalyRanking.of(
            scores("if(id = 0, null, 1)"), embeddings(), Map.of("gaussian", gaussian()));
    assertThat(values.keySet())
        .doesNotContain("reconstruction_error")
        .contains("relative_error", "gaussian");
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
        AnomalyRanking.of(scores, embeddings(), Map.of("gaussian", gaussian()));
    for (String name : List.of("anomaly_score", "log_prob", "typicality")) {
      assertThat(values.get(name)).as(name).hasSize(9).containsOnlyOnce(Double.POSITIVE_INFINITY);
    }
    assertThat(values.get("reconstruction_error")).containsOnly(1);
  }

  /** So that scores are compared on the same rows. */
  @Test
  void theValuesOfARowAreAtTheSamePlace() {
    Map<String, double[]> values =
        AnomalyRanking.of(
            scores("1").orderBy(col("id").desc()),
            embeddings().orderBy(col("embedding").getItem(0).desc()),
            Map.of("gaussian", gaussian()));
    assertThat(values.get("anomaly_score")).containsExactly(16, 14, 12, 10, 8, 6, 4, 2, 0);
    assertThat(values.get("gaussian"))
        .containsExactly(
            gaussian()
                .strangeness(embeddings().orderBy(col("embedding").getItem(0).desc()))
                .collectAsList()
                .stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
  }

  /** Anomalies of which none has a density are the strangest, and not without a score. */
  @Test
  void rowsOfWhichNoneHasADensityAreTheStrangest() {
    Dataset<Row> scores =
        spark.sql(
            "select double(null) log_prob, double(null) typicality, double(null) relative_error,"
                + " double(null) anomaly_score from range(9)");
    Map<String, double[]> values = AnomalyRanking.of(scores, embeddings(), Map.of());
    assertThat(values.keySet()).containsExactly("anomaly_score", "log_prob", "typicality");
    assertThat(values.get("anomaly_score")).containsOnly(Double.POSITIVE_INFINITY);
  }

  private GaussianDensity gaussian() {
    return GaussianDensity.fit(embeddings(), GaussianDensity.scaling(embeddings()), 0);
  }
}
