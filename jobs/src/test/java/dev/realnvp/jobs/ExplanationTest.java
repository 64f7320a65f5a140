package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.inference.FlowScorer;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The column of scores/ that says why rows are strange. */
class ExplanationTest {

  private final PetsRun run = SharedRuns.pets();

  private String path(String name) {
    return run.runs().path(name);
  }

  private Dataset<Row> score(String output, String... more) throws IOException {
    run.runs()
        .with("score.false-alarm-rate=0.05", "score.drop-features=true")
        .with(more)
        .score("", "paths.scores=" + path(output));
    return run.table(output);
  }

  @Test
  void anomaliesAreExplainedAndNothingElseChanges() throws IOException {
    Dataset<Row> plain = score("plain");
    Dataset<Row> explained = score("explained", "score.explain=2");

    assertThat(plain.columns())
        .doesNotContain("explanation")
        .startsWith(FlowScorer.SCHEMA.fieldNames());
    assertThat(explained.drop("explanation").schema()).isEqualTo(plain.schema());
    assertThat(explained.drop("explanation").except(plain).isEmpty()).isTrue();
    assertThat(explained.schema().apply("explanation").dataType())
        .isEqualTo(
            DataTypes.createArrayType(
                new StructType()
                    .add("feature", DataTypes.IntegerType)
                    .add("value", DataTypes.FloatType)
                    .add("normal", DataTypes.FloatType)
                    .add("nats", DataTypes.DoubleType)
                    .add("name", DataTypes.StringType)));
    assertThat(explained.where("(explanation is not null) != anomaly").isEmpty()).isTrue();
    assertThat(explained.where("size(explanation) = 2").count())
        .isEqualTo(plain.where("anomaly").count())
        .isPositive();
  }

  /** The log_prob of the rows with the normal values is higher by just the nats. */
  @Test
  void theRepairedRowsScoreAsTheExplanationsSay() throws IOException {
    Dataset<Row> explained =
        score("all-explained", "score.explain=3", "score.explain-rows=all")
            .where("size(explanation) = 3");
    assertThat(explained.count()).isGreaterThan(500);
    explained
        .join(run.table("embeddings").drop("split", "label"), "id")
        .selectExpr(
            "id",
            "transform(embedding, (x, j) ->"
                + " aggregate(explanation, x, (y, e) -> if(e.feature = j, e.normal, y)))"
                + " embedding")
        .write()
        .parquet(path("repaired"));
    List<Row> rows =
        score("repaired-scores", "paths.embeddings=" + path("repaired"))
            .select(col("id"), col("log_prob").as("repaired"))
            .join(explained, "id")
            .selectExpr(
                "repaired - log_prob",
                "aggregate(explanation, 0d, (sum, e) -> sum + e.nats)",
                "explanation[0].nats")
            .collectAsList();
    assertThat(rows).hasSizeGreaterThan(500);
    for (Row row : rows) {
      assertThat(row.getDouble(0)).isCloseTo(row.getDouble(1), within(1e-3));
      assertThat(row.getDouble(2)).isPositive();
    }
  }

  /** In batches of other sizes, the same bits. */
  @Test
  void otherRowsDoNotMatter() throws IOException {
    Dataset<Row> many = score("many", "score.explain=2", "score.explain-rows=all");
    Dataset<Row> few =
        score(
            "few",
            "score.explain=2",
            "score.explain-rows=all",
            "inference.batch=7",
            "table.where=id % 2 = 0");
    assertThat(few.where("explanation is not null").count()).isPositive();
    assertThat(
            few.as("few")
                .join(many.as("many"), "id")
                .where("not (few.explanation <=> many.explanation)")
                .isEmpty())
        .isTrue();
  }

  @Test
  void moreFeaturesThanThereAreMeansAll() throws IOException {
    Dataset<Row> all = score("all-features", "score.explain=3");
    Dataset<Row> more = score("more-features", "score.explain=1000");
    assertThat(all.where("size(explanation) = 3").isEmpty()).isFalse();
    assertThat(
            more.select("id", "explanation").exceptAll(all.select("id", "explanation")).isEmpty())
        .isTrue();
  }

  @Test
  void withoutACalibrationOnlyAllRowsCanBeExplained() throws IOException {
    String exported = "paths.exported=" + path("uncalibrated.npz");
    String flow = "paths.flow=" + path("uncalibrated");
    run.runs().run(new Export(), "", exported);
    run.runs().run(new Import(), "", exported, flow);
    run.runs()
        .refused(true, new Score(), "", flow, "score.explain=1", "paths.scores=" + path("refused"))
        .isEqualTo(
            "setting score.explain-rows: expected all, because the flow has no calibration that"
                + " tells anomalies; got anomalies");
    assertThat(
            score("all", flow, "score.explain=1", "score.explain-rows=all")
                .where("explanation is null")
                .isEmpty())
        .isTrue();
  }
}
