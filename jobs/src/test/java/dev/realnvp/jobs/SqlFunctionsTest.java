package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flows in Spark SQL, as a client of a session uses them, against what the jobs write. */
class SqlFunctionsTest {

  private static final String SCORES =
      "log_prob, anomaly_score, anomaly, predicted_label, predicted_probability";

  @TempDir static Path folder;

  private static final SparkSession spark = LocalSpark.session();
  private static Runs runs;
  private static String kinds;
  private static String vectors;

  @BeforeAll
  static void trainFlows() throws IOException {
    runs = Runs.in(folder);
    String orders = runs.write("orders", MixedTableTest.ORDERS);
    runs.train(
        "kinds",
        orders,
        "table.features-cols=f*,paid,kind",
        "table.column-kinds=auto",
        "table.id-col=order");
    runs.score("kinds", orders, "table.id-col=order", "score.explain=2", "score.explain-rows=all");
    runs.table("orders").createOrReplaceTempView("orders");
    runs.scores("kinds").createOrReplaceTempView("orders_scored");
    kinds = runs.path("kinds/flow");

    String embeddings =
        runs.write(
            "embeddings",
            "select id, int(id % 2) label, array(randn(1) + id % 2, 2 * randn(2), randn(3)) embedding"
                + " from range(0, 1500, 1, 3)");
    runs.train("vectors", embeddings);
    runs.score("vectors", embeddings);
    runs.table("embeddings").createOrReplaceTempView("embeddings");
    runs.scores("vectors").createOrReplaceTempView("embeddings_scored");
    vectors = runs.path("vectors/flow");
  }

  /** A query, with FLOW for the flow of orders and VECTORS for that of embeddings. */
  private static Dataset<Row> sql(String query) {
    return spark.sql(
        query.replace("FLOW", "'" + kinds + "'").replace("VECTORS", "'" + vectors + "'"));
  }

  /** Whether a query scores batches. */
  private static boolean inBatches(Dataset<Row> query) {
    return query.queryExecution().executedPlan().toString().contains("MapPartitions");
  }

  private static void requireSame(String scored, String expected) {
    Dataset<Row> query = sql(scored);
    assertThat(inBatches(query)).isTrue();
    assertThat(query.collectAsList()).isNotEmpty().isEqualTo(sql(expected).collectAsList());
  }

  @Test
  void scoresAreThoseOfTheJob() {
    requireSame(
        "select `order`, s.* from (select `order`, flow_score(FLOW, struct(*)) s from orders)"
            + " order by `order`",
        "select `order`, " + SCORES + " from orders_scored order by `order`");
    requireSame(
        "select `order`, flow_score(FLOW, kind, f2, paid, f1).log_prob from orders order by 1",
        "select `order`, log_prob from orders_scored order by 1");
    requireSame(
        "select id, s.* from (select id, flow_score(VECTORS, *) s from embeddings) order by id",
        "select id, " + SCORES + " from embeddings_scored order by id");
    requireSame(
        "select id, flow_score(VECTORS, embedding).anomaly_score from embeddings order by id",
        "select id, anomaly_score from embeddings_scored order by id");
    assertThat(
            sql("select flow_score(FLOW, struct(*)) s from orders")
                .selectExpr("s.*")
                .schema()
                .fields())
        .extracting(field -> field.name() + " " + field.dataType().simpleString())
        .isEqualTo(
            List.of(sql("select " + SCORES + " from orders_scored").schema().fields()).stream()
                .map(field -> field.name() + " " + field.dataType().simpleString())
                .toList());
  }

  @Test
  void explanationsAreThoseOfTheJob() {
    requireSame(
        "select `order`, flow_explain(FLOW, struct(*), 2) from orders order by 1",
        "select `order`, explanation from orders_scored order by 1");
    requireSame(
        "select `order`, why.name from orders lateral view explode(flow_explain(FLOW, f1, f2, paid, kind, 2)) as why"
            + " order by 1, 2",
        "select `order`, why.name from orders_scored lateral view explode(explanation) as why"
            + " order by 1, 2");
  }

  @Test
  void anyPartOfAQueryScores() {
    requireSame(
        "select `order` from orders where flow_score(FLOW, f1, f2, paid, kind).anomaly and f1 > 0 order by 1",
        "select `order` from orders_scored where anomaly and f1 > 0 order by 1");
    requireSame(
        "select day, count(*), max(flow_score(FLOW, f1, f2, paid, kind).log_prob) from orders group by day order by 1",
        "select day, count(*), max(log_prob) from orders_scored group by day order by 1");
    requireSame(
        "select flow_score(FLOW, f1, f2, paid, kind).anomaly, count(*) from orders group by 1 order by 1",
        "select anomaly, count(*) from orders_scored group by 1 order by 1");
    requireSame(
        "select `order` from orders order by flow_score(FLOW, f1, f2, paid, kind).log_prob limit 5",
        "select `order` from orders_scored order by log_prob limit 5");
    requireSame(
        "select `order`, row_number() over (partition by paid order by"
            + " flow_score(FLOW, f1, f2, paid, kind).log_prob) from orders order by 1",
        "select `order`, row_number() over (partition by paid order by log_prob) from orders_scored"
            + " order by 1");
    requireSame(
        "select `order` from orders where f1 > (select avg(flow_score(FLOW, f1, f2, paid, kind).log_prob) + 5"
            + " from orders) and flow_score(FLOW, f1, f2, paid, kind).log_prob > -6 order by 1",
        "select `order` from orders_scored where f1 > (select avg(log_prob) + 5 from orders_scored)"
            + " and log_prob > -6 order by 1");
  }

  /** A row alone, too: in a join's condition, of literals, within a lambda. */
  @Test
  void aRowAloneHasTheSameBits() {
    assertThat(
            sql("select count(*) from embeddings_scored a join embeddings b on a.id = b.id and"
                    + " flow_score(VECTORS, array(a.log_prob - a.log_prob + b.embedding[0],"
                    + " b.embedding[1], b.embedding[2])).log_prob = a.log_prob where a.id < 40")
                .first()
                .getLong(0))
        .isEqualTo(40);
    Row alone =
        sql("select transform(collect_list(embedding), x -> flow_score(VECTORS, x).log_prob),"
                + " collect_list(flow_score(VECTORS, embedding).log_prob) from embeddings where id < 20")
            .first();
    assertThat(alone.getList(0)).hasSize(20).isEqualTo(alone.getList(1));
    assertThat(
            sql("select flow_score(VECTORS, array(0, 1, 2)).log_prob = min(flow_score(VECTORS,"
                    + " array(id - id, 1, 2)).log_prob) from range(3)")
                .first()
                .getBoolean(0))
        .isTrue();
  }

  @Test
  void aRowWithoutDensityHasNulls() {
    Row none =
        sql("select s.*, flow_explain(VECTORS, array(1, null, 2), 1),"
                + " flow_score(VECTORS, cast(null as array<float>)).log_prob,"
                + " flow_score(VECTORS, array(double('nan'), id, id)).log_prob"
                + " from (select id, flow_score(VECTORS, array(1, null, 2)) s from range(1))")
            .first();
    assertThat(none.isNullAt(0)).isTrue();
    assertThat(none.isNullAt(1)).isTrue();
    assertThat(none.getBoolean(2)).isTrue();
    assertThat(none.isNullAt(3)).isTrue();
    assertThat(none.isNullAt(5)).isTrue();
    assertThat(none.isNullAt(6)).isTrue();
    assertThat(none.isNullAt(7)).isTrue();
  }

  @Test
  void samplesAreThoseOfTheJob() throws IOException {
    runs.run(new Sample(), "kinds", "sample.per-class=20");
    assertThat(sql("select * from flow_sample(FLOW, 20) order by id").collectAsList())
        .hasSize(20)
        .isEqualTo(runs.table("kinds/samples").drop("pixels").orderBy("id").collectAsList());
    assertThat(sql("select label, count(*) from flow_sample(VECTORS, 3, 7) group by 1 order by 1"))
        .satisfies(counts -> assertThat(counts.collectAsList()).hasToString("[[0,3], [1,3]]"));
  }

  @Test
  void aViewAndAnInsertScoreNewRows() throws IOException {
    sql(
        "create or replace temporary view watched as select `order`, s.* from (select `order`,"
            + " flow_score(FLOW, struct(*)) s from orders)");
    requireSame(
        "select `order`, anomaly from watched order by 1",
        "select `order`, anomaly from orders_scored order by 1");
    sql("select `order`, log_prob from watched where `order` < 'order-5'")
        .write()
        .parquet(runs.path("kept"));
    runs.table("kept").createOrReplaceTempView("kept");
    sql(
        "create or replace temporary view kept using parquet options (path '"
            + runs.path("kept")
            + "')");
    sql(
        "insert into kept select o.`order`, flow_score(FLOW, struct(o.*)).log_prob from orders o"
            + " left anti join kept k on o.`order` = k.`order`");
    assertThat(sql("select * from kept order by 1").collectAsList())
        .isEqualTo(sql("select `order`, log_prob from orders_scored order by 1").collectAsList());
  }

  @Test
  void aQueryKeepsTheModelThatItBeganWith() throws IOException {
    FileUtils.copyDirectory(
        folder.resolve("vectors/flow").toFile(), folder.resolve("moved").toFile());
    String query =
        "select flow_score('"
            + runs.path("moved")
            + "', embedding).log_prob from embeddings order by id";
    Dataset<Row> begun = spark.sql(query);
    List<Row> before = spark.sql(query).collectAsList();
    runs.train("other", runs.input("embeddings"), "seed=5");
    FileUtils.deleteDirectory(folder.resolve("moved").toFile());
    FileUtils.copyDirectory(
        folder.resolve("other/flow").toFile(), folder.resolve("moved").toFile());
    assertThat(begun.collectAsList()).isEqualTo(before);
    assertThat(spark.sql(query).collectAsList()).isNotEqualTo(before);
  }

  /** In a session whose catalog is its own: the page makes a table. */
  @Test
  void theStatementsOfThePageRun() throws IOException {
    String page = Files.readString(Path.of("../docs/interop.md")).split("## In Spark SQL")[1];
    SparkSession session = spark.newSession();
    session.table("parquet.`" + runs.path("orders") + "`").createOrReplaceTempView("orders");
    for (String statement : page.split("```sql\n")[1].split("```")[0].split(";\\s*")) {
      Dataset<Row> rows =
          session.sql(
              statement
                  .replace("runs/o/flow", kinds)
                  .replace(
                      "TABLE strange USING parquet",
                      "TABLE strange USING parquet LOCATION '" + runs.path("strange") + "'"));
      if (statement.startsWith("SELECT")) {
        assertThat(rows.collectAsList()).as(statement).isNotEmpty();
      }
    }
    assertThat(session.table("strange").orderBy("order").collectAsList())
        .isEqualTo(
            sql("select `order`, " + SCORES + " from orders_scored where anomaly order by 1")
                .collectAsList());
    session.sql("drop table strange");
  }

  private static void requireRefused(String query, String message) {
    assertThatThrownBy(() -> sql(query))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message.replace("FLOW", kinds).replace("VECTORS", vectors));
  }

  @Test
  void whatDoesNotFitIsRefusedInTheAnalysis() {
    requireRefused(
        "select flow_score(FLOW, struct(f1, paid, kind)) from orders",
        "No column 'f2', a number, for flow FLOW: the row has f1, paid, kind");
    requireRefused(
        "select flow_score(FLOW, struct(f1, kind as f2, paid, kind)) from orders",
        "Column 'f2' for flow FLOW is of type string, expected a number");
    requireRefused(
        "select flow_score(VECTORS, struct(id)) from embeddings",
        "No column 'embedding', an array of numbers, or a vector, for flow VECTORS: the row has id");
    requireRefused(
        "select flow_score('/nowhere', struct(id)) from embeddings",
        "there is no /nowhere/manifest.json; expected a manifest");
    requireRefused(
        "select flow_score(kind, f1) from orders",
        "flow_score: got orders.kind for model, expected the folder of a flow as a literal");
    requireRefused("select flow_score(FLOW)", "got 1 arguments, expected flow_score(model, row)");
    requireRefused(
        "select flow_explain(VECTORS, embedding, 0) from embeddings",
        "flow_explain: got 0 for k, expected a whole number of at least 1");
    requireRefused(
        "select * from flow_sample(VECTORS, -1)",
        "flow_sample: got -1 for n, expected a whole number of at least 0");
    assertThatThrownBy(
            () -> sql("select flow_score(VECTORS, array(id)) from embeddings").collectAsList())
        .hasStackTraceContaining("holds a row of 1 features; the model takes 3");
  }
}
