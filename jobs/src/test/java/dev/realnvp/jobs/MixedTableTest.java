package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.RealNVPFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table as people have them: ids of strings, columns of numbers, booleans and categories, values
 * missing, no split, a label that is none.
 */
@ExtendWith(LocalSpark.class)
class MixedTableTest {

  private static final String COLUMNS = "table.features-cols=f*,paid,kind";

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void makeTable(SparkSession session) {
    spark = session;
    // Row 7 has no f2, row 8 no kind, row 9 a NaN in f1.
    write(
        "orders",
        "select concat('order-', id) as `order`, cast(id % 3 as double) label,"
            + " if(id = 9, double('nan'), randn(1)) f1, if(id = 7, null, cast(10 * randn(2) as int)) f2,"
            + " id % 2 = 0 paid, if(id = 8, null, array('book', 'lamp', 'vase')[id % 3]) kind,"
            + " date_add(date'2026-01-01', int(id % 90)) day, map('k', id) extra"
            + " from range(0, 2000, 1, 2)");
  }

  private static void write(String name, String sql) {
    spark.sql(sql).write().parquet(path(name));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String run, String table, String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + path(table),
                    "flow.epochs=2",
                    "flow.hidden=[8]",
                    "flow.couplings=2"),
                Stream.of(more))
            .toList(),
        Map.of("run", path(run)));
  }

  private static Dataset<Row> scores(String run) {
    return spark.read().parquet(path(run) + "/scores/*.parquet");
  }

  @Test
  void columnsBecomeFeaturesAndTheOthersPassThrough() throws IOException {
    Config train = settings("mixed", "orders", COLUMNS, "table.impute=true", "table.id-col=order");
    Manifest manifest = new TrainFlow().run(spark, train).manifest();
    assertThat(manifest.config().get("features")).isEqualTo(6);
    assertThat(manifest.config().get("imputed_values")).asString().isIn("3", "4", "5");
    assertThat(manifest.config().get("classes")).isEqualTo(0);

    // The flow knows its columns: no more than the ids need be named.
    Config score = settings("mixed", "orders", "table.id-col=order", "score.explain=1");
    assertThat(new Score().run(spark, score).rows()).isEqualTo(2000);
    samplesHaveTheColumns();
    Dataset<Row> scores = scores("mixed");
    assertThat(scores.columns())
        .startsWith(
            "order", "split", "label", "f1", "f2", "paid", "kind", "day", "extra", "log_prob");
    assertThat(scores.join(spark.read().parquet(path("orders")), "order").count()).isEqualTo(2000);
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

  /** From the table to the report; what is there is not made again, unless the table is another. */
  private static void samplesHaveTheColumns() throws IOException {
    new Sample().run(spark, settings("mixed", "orders", "sample.per-class=50"));
    Dataset<Row> samples = spark.read().parquet(path("mixed") + "/samples/*.parquet");
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
  void aPipelineOfATable() throws IOException {
    write("piped", "select * from parquet.`%s`".formatted(path("orders")));
    Config config =
        settings(
            "piped-run",
            "none",
            "pipeline.input=" + path("piped"),
            COLUMNS,
            "table.impute=true",
            "table.id-col=order");
    Metrics metrics = new Pipeline().run(spark, config);
    assertThat(metrics.figures().get("test_nll")).isNotNull();
    assertThat(folder.resolve("piped-run/report/index.html")).exists();
    assertThat(folder.resolve("piped-run/samples")).doesNotExist();

    String scored = Manifests.ofTable(spark, path("piped-run/scores")).orElseThrow().created();
    new Pipeline().run(spark, config);
    assertThat(Manifests.ofTable(spark, path("piped-run/scores")).orElseThrow().created())
        .isEqualTo(scored);

    // Only a column that passes through has changed.
    spark
        .sql(
            "select `order`, label, f1, f2, paid, kind, date_add(day, 1) day, extra from parquet.`%s`"
                .formatted(path("orders")))
        .write()
        .mode("overwrite")
        .parquet(path("piped"));
    assertThatThrownBy(() -> new Pipeline().run(spark, config))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "score: the table is another; --overwrite replaces the outdated outputs, of score, evaluate");
  }

  @Test
  void aMeanIsThatOfTheTrainRows() throws IOException {
    write(
        "gaps",
        "select if(id % 10 = 0, 'test', 'train') split, if(id % 2 = 0, null, float(id)) a, randn(3) b"
            + " from range(0, 200, 1, 2)");
    Config config = settings("gaps-run", "gaps", "table.features-cols=?", "table.impute=true");
    Manifest manifest = new TrainFlow().run(spark, config).manifest();
    assertThat(manifest.config().get("imputed_values")).hasToString("80");
    // Of the odd numbers from 1 to 199.
    assertThat((Double) ((List<?>) manifest.config().get("imputed_means")).get(0))
        .isCloseTo(100, within(1e-9));
    new Score().run(spark, config);
    assertThat(scores("gaps-run").where("a is null and log_prob is not null").count())
        .isEqualTo(100);
  }

  @Test
  void keptColumnsAreThoseThatAreNamed() throws IOException {
    Config config =
        settings(
            "kept",
            "orders",
            "table.features-cols=f1,paid",
            "skip-invalid=true",
            "table.id-col=order",
            "score.keep=day");
    new TrainFlow().run(spark, config);
    assertThat(new Score().run(spark, config).rows()).isEqualTo(1999);
    assertThat(scores("kept").columns()).startsWith("order", "split", "label", "day", "log_prob");
    assertThatThrownBy(
            () ->
                new Score()
                    .run(
                        spark,
                        settings(
                            "kept",
                            "orders",
                            "score.keep=nothing",
                            "overwrite=true",
                            "skip-invalid=true")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no column 'nothing', only order, label, f1");
  }

  @Test
  void whatCannotBeIsOneLine() {
    refused(
        "has no column 'g*', only order, label, f1, f2, paid, kind, day, extra",
        "table.features-cols=g*");
    refused(
        "Column 'day' of "
            + path("orders")
            + " is of type date, expected numbers, booleans or strings",
        "table.features-cols=f1,day");
    refused(
        "Column 'order' of "
            + path("orders")
            + " holds more than 1,000 different strings, too many for categories",
        "table.features-cols=f1,order");
    refused(
        "Column 'f1, f2, paid' of "
            + path("orders")
            + " is null, NaN or infinite in 2 of 2000 rows; most in column 'f1': 1: use --skip-invalid to leave them out",
        "table.features-cols=f1,f2,paid");
    assertThatThrownBy(
            () ->
                new TrainFlow()
                    .run(
                        spark,
                        settings("x", "orders", COLUMNS, "table.impute=true", "skip-invalid=true")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("settings table.impute and skip-invalid: got both, expected one of them");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  private static void refused(String message, String... sets) {
    refusedOf("orders", message.replace("*", "\\*"), sets);
  }

  @Test
  void aColumnWithAScoresNameIsRefused() throws IOException {
    write("scored", "select id, randn(1) f1, randn(2) f2, 0.5 log_prob from range(0, 300, 1, 2)");
    Config config = settings("twice", "scored", "table.features-cols=f*");
    new TrainFlow().run(spark, config);
    assertThatThrownBy(() -> new Score().run(spark, config))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("log_prob would be written twice");
    Config named = settings("twice", "scored", "score.keep=f1");
    assertThat(new Score().run(spark, named).rows()).isEqualTo(300);
  }

  @Test
  void aColumnIsOneFeatureHoweverItIsWritten() throws IOException {
    write(
        "cased",
        "select cast(id % 2 as double) `Label`, randn(1) a, randn(2) `b.c` from range(0, 300, 1, 2)");
    Config config = settings("cased-run", "cased", "table.features-cols=a,A,B.C,*");
    assertThat(new TrainFlow().run(spark, config).manifest().config().get("feature_columns"))
        .hasToString("[{name=a}, {name=b.c}]");
    new Score().run(spark, config);
    // A label that is no class passes through as it is, whatever its case.
    assertThat(scores("cased-run").columns()).startsWith("split", "Label", "a", "b.c");
    assertThat(scores("cased-run").where("Label = 1.0").count()).isEqualTo(150);
    assertThat(new Evaluate().run(spark, config).classes()).isEmpty();
  }

  @Test
  void aFeatureIsNoLabel() throws IOException {
    write("classes", "select id % 2 label, randn(1) a, randn(2) b from range(0, 300, 1, 2)");
    Manifest featured =
        new TrainFlow()
            .run(spark, settings("featured", "classes", "table.features-cols=a,b,label"))
            .manifest();
    assertThat(featured.config().get("features")).isEqualTo(3);
    assertThat(featured.config().get("classes")).isEqualTo(0);
    Config unlabelled =
        settings("unlabelled", "classes", "table.features-cols=*", "table.no-label=true");
    assertThat(new TrainFlow().run(spark, unlabelled).manifest().config().get("features"))
        .isEqualTo(2);
    refused(
        "Column 'f2' of " + path("orders") + " is the context and a feature, expected one of them",
        "table.features-cols=f1,f2",
        "table.context-cols=f2");
  }

  /** Its threshold is that of its own test rows, whatever other tables it scores. */
  @Test
  void aFlowOfATableWithSplitsHoldsNothingOut() throws IOException {
    write(
        "parted",
        "select if(id % 10 = 0, 'test', 'train') split, randn(1) a, randn(2) b from range(0, 500, 1, 2)");
    write("whole", "select randn(3) a, randn(4) b from range(0, 3000, 1, 2)");
    new TrainFlow().run(spark, settings("parted-run", "parted", "table.features-cols=a,b"));
    new Score().run(spark, settings("parted-run", "whole"));
    assertThat(scores("parted-run").where("split = 'train'").count()).isEqualTo(3000);
  }

  /** Else rows that the flow has seen would count as test rows. */
  @Test
  void theRowsThatTheTrainingHeldOutStayThem() throws IOException {
    write("many", "select id, randn(1) a, randn(2) b from range(0, 2000, 1, 2)");
    Manifest manifest =
        new TrainFlow()
            .run(
                spark,
                settings("many-run", "many", "table.features-cols=a,b", "table.hold-out=0.03"))
            .manifest();
    Config few = settings("many-run", "many", "table.where=id < 1000");
    new Score().run(spark, few);
    long held = 2000 - manifest.history().get(0).examples();
    assertThat(scores("many-run").where("split = 'test'").count()).isBetween(1L, held);
    Config all = settings("many-run", "many", "overwrite=true");
    new Score().run(spark, all);
    assertThat(scores("many-run").where("split = 'test'").count()).isEqualTo(held);
    assertThatThrownBy(
            () ->
                new Score()
                    .run(
                        spark,
                        settings("many-run", "many", "table.features-cols=b,a", "overwrite=true")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "was trained on features from [a, b]; got [b, a] (table.features-cols), expected the"
                + " same or none");
  }

  @Test
  void aColumnWithoutValuesIsNamed() {
    write(
        "hollow",
        "select cast(null as string) kind, cast(null as double) n, randn(1) a, randn(2) b"
            + " from range(0, 300, 1, 2)");
    refusedOf(
        "hollow", "Column 'kind' of .* is null in all 300 rows", "table.features-cols=a,kind");
    refusedOf(
        "hollow",
        "Feature 'n' of .* is missing, NaN or infinite in all train rows",
        "table.features-cols=a,n",
        "table.impute=true");
    refusedOf(
        "hollow",
        "is null, NaN or infinite in all 300 rows; most in column 'n': 300",
        "table.features-cols=a,n");
    write("none", "select 'x' kind, 1 a from range(0)");
    refusedOf("none", "none holds no rows", "table.features-cols=a,kind");
  }

  private static void refusedOf(String table, String pattern, String... sets) {
    assertThatThrownBy(() -> new TrainFlow().run(spark, settings("x", table, sets)))
        .isInstanceOf(InvalidInputException.class)
        .message()
        .containsPattern(pattern);
  }
}
