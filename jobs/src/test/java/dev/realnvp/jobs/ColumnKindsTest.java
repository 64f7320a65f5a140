package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.model.Manifest;
import dev.realnvp.scores.Detections;
import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table of prices, zeros, categories and holes, whose columns are modelled by their kinds. */
class ColumnKindsTest {

  private static final List<String> COLUMNS = List.of("price", "discount", "kind", "paid");

  private static final String[] TRAINING = {
    "table.features-cols=price,discount,kind,paid", "table.column-kinds=auto", "flow.epochs=3"
  };

  /** Prices follow the kind; of the lamps none has a discount; row 7 is empty, the vase rare. */
  private static final String ORDERS =
      "select id, if(id = 7, null, exp(2 * randn(1) + id % 2)) price,"
          + " if(id = 7 or id % 20 = 1, null, if(id % 3 = 0 or id % 2 = 1, 0, exp(randn(2)))) discount,"
          + " if(id = 7, null, if(id = 11, 'vase', array('book', 'lamp')[id % 2])) kind,"
          + " if(id = 7, null, id % 5 = 0) paid from range(0, 2000, 1, 2)";

  @TempDir static Path folder;

  private static Runs runs;
  private static String orders;
  private static Manifest manifest;

  @BeforeAll
  static void train() throws IOException {
    runs = Runs.in(folder).with(TRAINING);
    orders = runs.write("orders", ORDERS);
    manifest = runs.train("kinds", orders).manifest();
    runs.score("kinds", orders, "score.explain=1");
  }

  @Test
  void eachRowHasADensity() throws IOException {
    assertThat(manifest.config().get("features")).isEqualTo(4);
    assertThat(manifest.config()).doesNotContainKey("imputed_values");
    RealNVPFlow flow = RealNVPFlow.load(folder.resolve("kinds/flow"));
    assertThat(flow.featureNames()).isEqualTo(COLUMNS);
    for (Row row : runs.scores("kinds").where("id < 40").collectAsList()) {
      Map<String, Object> columns = new HashMap<>();
      COLUMNS.forEach(name -> columns.put(name, row.getAs(name)));
      double logProb = flow.logProb(new float[][] {flow.encode(columns)})[0];
      assertThat(logProb).isFinite().isCloseTo(row.<Double>getAs("log_prob"), within(1e-4));
      columns.put("kind", "never seen");
      assertThat(flow.logProb(new float[][] {flow.encode(columns)})[0])
          .isFinite()
          .isLessThan(row.getLong(row.fieldIndex("id")) == 11 ? 0 : logProb);
    }
    assertThat(runs.scores("kinds").where("log_prob is null").count()).isZero();
  }

  @Test
  void theOrderOfTheRowsIsOfNoMatter() throws IOException {
    String other =
        runs.write("other-order", "select * from (%s) order by hash(id)".formatted(ORDERS));
    assertThat(runs.train("other", other).manifest().id()).isEqualTo(manifest.id());
  }

  @Test
  void samplesHaveZerosAndHolesAndKnownCategories() throws IOException {
    runs.run(new Sample(), "kinds", "sample.per-class=500");
    long all = runs.table("kinds/samples").count();
    assertThat(runs.table("kinds/samples").where("discount = 0").count()).isBetween(all / 3, all);
    assertThat(runs.table("kinds/samples").where("discount is null").count())
        .isBetween(1L, all / 5);
    assertThat(runs.table("kinds/samples").where("kind = 'book'").count())
        .isBetween(all / 4, 3 * all / 4);
  }

  /** Books never have discounts of 100; what categories are called is of no matter. */
  @Test
  void simplerMethodsKnowKindsToo() throws IOException {
    String marked =
        "select price, if(id % 50 = 0, 100, discount) discount, KIND kind, paid, id % 50 = 0 odd,"
            + " if(id % 50 = 0 or pmod(hash(id), 4) = 0, 'test', 'train') split"
            + " from ("
            + ORDERS
            + ")";
    Detections one = detections("marked", marked.replace("KIND", "kind"));
    Detections other =
        detections("renamed", marked.replace("KIND", "translate(kind, 'blv', 'zab')"));
    assertThat(one.scores())
        .containsKeys("gaussian", "mixture", "isolation_forest")
        .allSatisfy((name, found) -> assertThat(found.auroc()).as(name).isGreaterThan(0.8));
    assertThat(one.scores().get("gaussian").auroc())
        .isCloseTo(other.scores().get("gaussian").auroc(), within(1e-3));
  }

  private static Detections detections(String run, String sql) throws IOException {
    String[] sets = {runs.write(run + "-rows", sql), "evaluate.anomaly-col=odd"};
    runs.with(sets).train(run);
    runs.with(sets).score(run);
    return runs.with(sets).run(new Evaluate(), run).anomalies();
  }

  @Test
  void gainsAreOfTheSameMeasure() throws IOException {
    String prices =
        runs.write(
            "prices", "select exp(2 * randn(1)) price, randn(2) size from range(0, 2000, 1, 2)");
    Runs numbers = runs.with(prices, "table.features-cols=price,size", "flow.epochs=20");
    numbers.train("numbers");
    numbers.score("numbers");
    assertThat(numbers.run(new Evaluate(), "numbers").baselines().get("gaussian").gain())
        .isBetween(-0.3, 0.3);
    assertThat(runs.run(new Evaluate(), "kinds", orders).baselines()).isEmpty();
  }

  @Test
  void nearestRowsHaveTheSameCategoriesAndHoles() throws IOException {
    runs.run(
        new Sample(),
        "kinds",
        orders,
        "sample.neighbours=200",
        "sample.per-class=200",
        "paths.samples=" + runs.path("near"));
    Dataset<Row> near = runs.table("near/neighbours").where("source = 'sample'");
    assertThat(near.count()).isEqualTo(200);
    Dataset<Row> rows =
        runs.table("orders").selectExpr("id neighbour_id", "kind known", "discount off");
    Dataset<Row> both = near.join(runs.table("near"), "id").join(rows, "neighbour_id");
    assertThat(both.where("kind <=> known").count()).isGreaterThan(190);
    assertThat(both.where("(discount is null) = (off is null)").count()).isGreaterThan(190);
  }

  @Test
  void sharesOfCategoriesAreCompared() throws IOException {
    runs.write("others", ORDERS.replace("randn(1)", "randn(3)"));
    assertThat(compare("others").drifted()).isFalse();
    runs.write("fewer", "select * from (%s) where id %% 2 = 1 or id %% 6 = 0", ORDERS);
    assertThat(compare("fewer").movedFeatures()).extracting(Shift::name).contains("kind");
  }

  private static Drift compare(String table) throws IOException {
    return runs.run(
        new Compare(),
        "kinds",
        "compare.input=" + runs.path(table),
        "paths.comparison=" + runs.path(table + "-comparison"));
  }

  /** A broken copy is strange, and an intact one adds nothing to a density. */
  @Test
  void copiesAreFound() throws IOException {
    String copied =
        runs.write(
            "copied",
            "select *, price * 1 again, if(id %% 400 = 3, 7, discount) nearly from (%s)",
            ORDERS);
    String[] sets = {copied, "table.features-cols=price,discount,again,nearly"};
    assertThat(runs.with(sets).train("copies").manifest().config()).containsEntry("features", 4);
    List<FeatureKind> found =
        RealNVP.of(runs.flow("copies").network()).mixed().orElseThrow().kinds();
    assertThat(found).extracting(FeatureKind::copied).containsExactly(-1, -1, 0, -1);
    RealNVPFlow flow = RealNVPFlow.load(folder.resolve("copies/flow"));
    double[] logProb = flow.logProb(new float[][] {{2, 0, 2, 0}, {2, 0, 2.1f, 0}});
    assertThat(logProb[1]).isBetween(logProb[0] - 30, logProb[0] - 5);
  }

  /**
   * Of 80 rows: a constant, nothing, mostly zeros, a rare category, truths with holes, decimals.
   */
  @Test
  void anUglyTableEndsWithAReport() throws IOException {
    String ugly =
        runs.write(
            "ugly",
            "select 7 constant, int(null) nothing, if(id % 20 = 0, id / 3, 0) zeros,"
                + " if(id < 2, 'rare', 'usual') kind, if(id % 9 = 0, null, id % 2 = 0) truth,"
                + " cast(100 * rand(1) as decimal(10, 2)) amount, id % 3 label from range(0, 80, 1, 2)");
    assertThat(
            runs.run(
                new Pipeline(),
                "ugly-run",
                ugly.replace("paths.embeddings", "pipeline.input"),
                "table.features-cols=*",
                "sample.per-class=20"))
        .isNotNull();
    assertThat(folder.resolve("ugly-run/report/index.html")).exists();
  }

  /** 100 strings of 100 rows, 5,000 of two. */
  @Test
  void rareStringsAreOneLevel() throws IOException {
    String many =
        runs.write(
            "many",
            "select randn(1) size, randn(2) price,"
                + " concat('sku-', if(id < 10000, id % 100, id % 5000)) sku"
                + " from range(0, 20000, 1, 2)");
    String[] sets = {many, "table.features-cols=size,price,sku", "flow.epochs=1"};
    assertThat(runs.with(sets).train("skus").manifest().config().get("feature_columns"))
        .asString()
        .contains("sku-0", "sku-99")
        .doesNotContain("sku-100");
    RealNVPFlow flow = RealNVPFlow.load(folder.resolve("skus/flow"));
    double[] logProb = new double[3];
    List<String> skus = List.of("sku-7", "sku-4711", "never seen");
    for (int i = 0; i < 3; i++) {
      Map<String, Object> row = Map.of("size", 0.5, "price", 0.5, "sku", skus.get(i));
      logProb[i] = flow.logProb(new float[][] {flow.encode(row)})[0];
    }
    assertThat(logProb[1]).isEqualTo(logProb[2]).isLessThan(logProb[0] - 1);
  }

  @Test
  void kindsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=prize=log"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'prize' is none of the features price, discount, kind, paid");
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=price=heavy"))
        .hasMessageContaining("got 'price=heavy', expected auto, none, or COLUMN=KIND");
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=price=category"))
        .hasMessage(
            "column-kinds of column 'price': got category, expected at most 1,024 different values of one");
    assertThatThrownBy(
            () -> runs.train("wrong", orders, "table.impute=true", "table.column-kinds=price=log"))
        .hasMessageContaining("table.impute and table.column-kinds: got both");
  }
}
