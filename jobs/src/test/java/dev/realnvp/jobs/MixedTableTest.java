package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.model.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table as people have them: ids of strings, columns of numbers, booleans and categories, values
 * missing, no split, a label that is none.
 */
class MixedTableTest {

  private static final String[] TRAINING = {
    "table.features-cols=f*,paid,kind", "table.impute=true", "table.id-col=order", "flow.epochs=2"
  };

  /** Row 7 has no f2, row 8 no kind, row 9 a NaN in f1. */
  static final String ORDERS =
      "select concat('order-', id) as `order`, cast(id % 3 as double) label,"
          + " if(id = 9, double('nan'), randn(1)) f1, if(id = 7, null, cast(10 * randn(2) as int)) f2,"
          + " id % 2 = 0 paid, if(id = 8, null, array('book', 'lamp', 'vase')[id % 3]) kind,"
          + " date_add(date'2026-01-01', int(id % 90)) day, map('k', id) extra"
          + " from range(0, 2000, 1, 2)";

  @TempDir static Path folder;

  private static Runs runs;
  private static String orders;

  @BeforeAll
  static void makeTable() {
    runs = Runs.in(folder);
    orders = runs.write("orders", ORDERS);
  }

  @Test
  void columnsBecomeFeaturesAndTheOthersPassThrough() throws IOException {
    Manifest manifest = runs.with(TRAINING).train("mixed", orders).manifest();
    assertThat(manifest.config().get("features")).isEqualTo(6);
    assertThat(manifest.config().get("imputed_values")).asString().isIn("3", "4", "5");
    assertThat(manifest.config().get("classes")).isEqualTo(0);

    // The flow knows its columns: no more than the ids need be named.
    assertThat(runs.score("mixed", orders, "table.id-col=order", "score.explain=1"))
        .isEqualTo(2000);
    samplesHaveTheColumns();
    Dataset<Row> scores = runs.scores("mixed");
    assertThat(scores.columns())
        .startsWith(
            "order", "split", "label", "f1", "f2", "paid", "kind", "day", "extra", "log_prob");
    assertThat(scores.join(runs.table("orders"), "order").count()).isEqualTo(2000);
    Row row = scores.where("`order` = 'order-8'").first();
    assertThat(row.<Double>getAs("label")).isEqualTo(2.0);
    assertThat(row.<Boolean>getAs("paid")).isTrue();
    assertThat(row.<String>getAs("kind")).isNull();
    assertThat(row.getJavaMap(row.fieldIndex("extra"))).hasToString("{k=8}");
    assertThat(scores.where("log_prob is null").count()).isZero();
    aPlainProgramTakesTheColumns(scores.where("`order` <= 'order-1' or `order` >= 'order-7'"));
    assertThat(
            scores
                .where("anomaly")
                .selectExpr("explanation[0].name name", "explanation[0].feature feature")
                .collectAsList())
        .allMatch(
            why ->
                List.of("f1", "f2", "paid", "kind=book", "kind=lamp", "kind=vase")
                    .get(why.getInt(1))
                    .equals(why.getString(0)));
    // About a tenth is held out, and sets the threshold.
    long held = scores.where("split = 'test'").count();
    assertThat(held).isBetween(150L, 260L);
    assertThat(manifest.history().get(0).examples()).isEqualTo(2000 - held);
    assertThat(scores.where("split = 'test' and anomaly").count()).isBetween(1L, 3L);
  }

  /** Missing values too. */
  private static void aPlainProgramTakesTheColumns(Dataset<Row> scores) throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(folder.resolve("mixed/flow"));
    for (Row row : scores.collectAsList()) {
      Map<String, Object> columns = new HashMap<>();
      for (String name : List.of("f1", "f2", "paid", "kind")) {
        columns.put(name, row.getAs(name));
      }
      assertThat(flow.logProb(new float[][] {flow.encode(columns)})[0])
          .isCloseTo(row.<Double>getAs("log_prob"), within(1e-4));
    }
  }

  private static void samplesHaveTheColumns() throws IOException {
    runs.run(new Sample(), "mixed", "sample.per-class=50");
    Dataset<Row> samples = runs.table("mixed/samples");
    assertThat(samples.columns())
        .containsExactly(
            "id", "label", "log_prob", "embedding", "pixels", "f1", "f2", "paid", "kind");
    for (Row row : samples.collectAsList()) {
      List<Float> x = row.getList(3);
      assertThat(row.<Float>getAs("f1")).isEqualTo(x.get(0));
      assertThat(row.<Float>getAs("f2")).isEqualTo(x.get(1));
      assertThat(row.<Boolean>getAs("paid")).isEqualTo(x.get(2) >= 0.5f);
      int kind = List.of("book", "lamp", "vase").indexOf(row.<String>getAs("kind"));
      assertThat(x.get(3 + kind)).isEqualTo(Collections.max(x.subList(3, 6)));
    }
  }

  @Test
  void aMeanIsThatOfTheTrainRows() throws IOException {
    String gaps =
        runs.write(
            "gaps",
            "select if(id % 10 = 0, 'test', 'train') split, if(id % 2 = 0, null, float(id)) a, randn(3) b"
                + " from range(0, 200, 1, 2)");
    Manifest manifest =
        runs.train("gaps-run", gaps, "table.features-cols=?", "table.impute=true").manifest();
    assertThat(manifest.config().get("imputed_values")).hasToString("80");
    // Of the odd numbers from 1 to 199.
    assertThat((Double) ((List<?>) manifest.config().get("imputed_means")).get(0))
        .isCloseTo(100, within(1e-9));
    runs.score("gaps-run", gaps);
    assertThat(runs.scores("gaps-run").where("a is null and log_prob is not null").count())
        .isEqualTo(100);
  }

  @Test
  void keptColumnsAreThoseThatAreNamed() throws IOException {
    Runs kept = runs.with(orders, "skip-invalid=true", "table.id-col=order");
    kept.train("kept", "table.features-cols=f1,paid", "table.column-kinds=none");
    assertThat(kept.score("kept", "score.keep=day")).isEqualTo(1999);
    assertThat(runs.scores("kept").columns())
        .startsWith("order", "split", "label", "day", "log_prob");
    kept.refused(false, new Score(), "kept", "score.keep=nothing", "overwrite=true")
        .contains("has no column 'nothing', only order, label, f1");
  }

  @Test
  void aColumnWithAScoresNameIsRefused() throws IOException {
    String scored =
        runs.write(
            "scored", "select id, randn(1) f1, randn(2) f2, 0.5 log_prob from range(0, 300, 1, 2)");
    runs.train("twice", scored, "table.features-cols=f*");
    runs.refused(false, new Score(), "twice", scored).contains("log_prob would be written twice");
    assertThat(runs.score("twice", scored, "score.keep=f1")).isEqualTo(300);
  }

  @Test
  void aColumnIsOneFeatureInWhateverCaseItIsWritten() throws IOException {
    String cased =
        runs.write(
            "cased",
            "select cast(id % 2 as double) `Label`, randn(1) a, randn(2) `b.c` from range(0, 300, 1, 2)");
    assertThat(
            runs.train("cased-run", cased, "table.features-cols=a,A,B.C,*")
                .manifest()
                .config()
                .get("feature_columns"))
        .hasToString("[{name=a}, {name=b.c}]");
    runs.score("cased-run", cased);
    // A label that is no class passes through as it is, whatever its case.
    assertThat(runs.scores("cased-run").columns()).startsWith("split", "Label", "a", "b.c");
    assertThat(runs.scores("cased-run").where("Label = 1.0").count()).isEqualTo(150);
    assertThat(runs.run(new Evaluate(), "cased-run", cased).classes()).isEmpty();
  }

  @Test
  void aFeatureIsNoLabel() throws IOException {
    String classes =
        runs.write(
            "classes", "select id % 2 label, randn(1) a, randn(2) b from range(0, 300, 1, 2)");
    Manifest featured = runs.train("featured", classes, "table.features-cols=a,b,label").manifest();
    assertThat(featured.config()).containsEntry("features", 3).containsEntry("classes", 0);
    Manifest unlabelled =
        runs.train("unlabelled", classes, "table.features-cols=*", "table.no-label=true")
            .manifest();
    assertThat(unlabelled.config()).containsEntry("features", 2);
  }

  /** Its threshold is that of its own test rows, whatever other tables it scores. */
  @Test
  void aFlowOfATableWithSplitsHoldsNothingOut() throws IOException {
    String parted =
        runs.write(
            "parted",
            "select if(id % 10 = 0, 'test', 'train') split, randn(1) a, randn(2) b from range(0, 500, 1, 2)");
    runs.train("parted-run", parted, "table.features-cols=a,b");
    runs.score(
        "parted-run",
        runs.write("whole", "select randn(3) a, randn(4) b from range(0, 3000, 1, 2)"));
    assertThat(runs.scores("parted-run").where("split = 'train'").count()).isEqualTo(3000);
  }

  /** Else rows that the flow has seen would count as test rows. */
  @Test
  void theRowsThatTheTrainingHeldOutStayThem() throws IOException {
    String many = runs.write("many", "select id, randn(1) a, randn(2) b from range(0, 2000, 1, 2)");
    Manifest manifest =
        runs.train("many-run", many, "table.features-cols=a,b", "table.hold-out=0.03").manifest();
    runs.score("many-run", many, "table.where=id < 1000");
    long held = 2000 - manifest.history().get(0).examples();
    assertThat(runs.scores("many-run").where("split = 'test'").count()).isBetween(1L, held);
    runs.score("many-run", many, "overwrite=true");
    assertThat(runs.scores("many-run").where("split = 'test'").count()).isEqualTo(held);
    runs.refused(false, new Score(), "many-run", many, "table.features-cols=b,a", "overwrite=true")
        .contains(
            "was trained on features from [a, b]; got [b, a] (table.features-cols), expected the"
                + " same or none");
  }
}
