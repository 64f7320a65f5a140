package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.TableCatalogs;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables of Iceberg and Delta, by their names in Spark's catalog, as inputs and as outputs. */
class CatalogTablesTest {

  private static final int ALL = 300;
  private static final int LEFT = 200;

  /** A format, and the database of its tables. */
  private enum Format {
    ICEBERG("lake.shop", "lake/shop/pets", "data/*.parquet") {
      @Override
      List<String> versions(String table) {
        return column("select snapshot_id from " + table + ".history order by made_current_at");
      }

      @Override
      List<String> times(String table) {
        return column("select made_current_at from " + table + ".history order by 1");
      }
    },
    DELTA("shop", "warehouse/shop.db/pets", "*.parquet") {
      @Override
      List<String> versions(String table) {
        return history(table).stream().map(row -> row.<Long>getAs("version").toString()).toList();
      }

      @Override
      List<String> times(String table) {
        return history(table).stream().map(row -> row.getAs("timestamp").toString()).toList();
      }

      private List<Row> history(String table) {
        return spark.sql("describe history " + table).orderBy("version").collectAsList();
      }
    };

    private final String database;
    private final String folder;
    private final String files;

    Format(String database, String folder, String files) {
      this.database = database;
      this.folder = folder;
      this.files = files;
    }

    String table(String name) {
      return database + "." + name;
    }

    /** The versions of a table, the oldest first. */
    abstract List<String> versions(String table);

    /** The times of its versions. */
    abstract List<String> times(String table);
  }

  @TempDir static Path folder;

  private static TableCatalogs catalogs;
  private static SparkSession spark;
  private static Runs runs;

  @BeforeAll
  static void makeTables() throws Exception {
    catalogs = new TableCatalogs(folder);
    spark = catalogs.session();
    runs = new Runs(spark, folder, List.of("flow.epochs=1", "flow.hidden=[4]", "flow.couplings=2"));
    Dataset<Row> pets =
        spark.sql(
            "select id, if(id % 4 = 0, 'test', 'train') split, array('cat', 'dog')[id % 2] label,"
                + " array(10 * randn(1), randn(2) + id % 2) embedding"
                + " from range(0, "
                + ALL
                + ", 1, 2)");
    runs.write("pets.parquet", pets);
    for (Format format : Format.values()) {
      spark.sql("create database " + format.database);
      pets.writeTo(format.table("pets"))
          .using(format.name())
          // So that rows are deleted by files beside those that hold them.
          .tableProperty("write.delete.mode", "merge-on-read")
          .tableProperty("delta.enableDeletionVectors", "true")
          .create();
      spark.sql("delete from %s where id >= %d".formatted(format.table("pets"), LEFT));
    }
    runs.train("run", runs.input("pets.parquet"));
  }

  @AfterAll
  static void close() {
    if (catalogs != null) {
      catalogs.close();
    }
  }

  private static List<String> column(String sql) {
    return spark.sql(sql).collectAsList().stream().map(row -> row.get(0).toString()).toList();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static long rows(String name) {
    return Tables.open(spark, name).rows().count();
  }

  private static void refuses(String name, String... message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> rows(name))
        .withMessageContainingAll(message);
  }

  @ParameterizedTest
  @EnumSource
  void aNameIsReadWithoutDeletedRowsAndAtVersionsAndTimes(Format format) {
    String pets = format.table("pets");
    assertThat(rows(pets)).isEqualTo(LEFT);
    assertThat(rows(pets + " VERSION AS OF " + format.versions(pets).get(0))).isEqualTo(ALL);
    assertThat(rows(pets + " timestamp as of '" + format.times(pets).get(0) + "'")).isEqualTo(ALL);
    refuses(pets + " VERSION AS OF 4711", "Cannot use table " + pets, "4711");
    refuses(format.table("dogs"), format.table("dogs") + " does not exist: expected files");
  }

  @Test
  void aFolderOfADeltaTableHasAName() {
    assertThat(rows("delta.`" + path(Format.DELTA.folder) + "`")).isEqualTo(LEFT);
  }

  @Test
  void aTagOfIcebergIsASnapshot() {
    String pets = Format.ICEBERG.table("pets");
    String first = Format.ICEBERG.versions(pets).get(0);
    spark.sql("alter table " + pets + " create tag `all` as of version " + first);
    CatalogTable tagged = CatalogTable.parse(spark, pets + " VERSION AS OF 'all'").orElseThrow();
    assertThat(tagged.pinned().name()).isEqualTo(pets + " VERSION AS OF '" + first + "'");
    assertThat(tagged.read().count()).isEqualTo(ALL);
  }

  @Test
  void aViewIsReadAsItIs() {
    spark.sql("create view shop.young as select * from shop.pets where id < 10");
    assertThat(rows("shop.young")).isEqualTo(10);
    assertThat(CatalogTable.parse(spark, "shop.young").orElseThrow().pinned().name())
        .isEqualTo("shop.young");
  }

  @ParameterizedTest
  @EnumSource
  void theFilesOfATableAreRefused(Format format) throws IOException {
    String table = path(format.folder);
    String[] message = {"Cannot read ", table + " is the folder of a", "catalog.db.table"};
    refuses(table, message);
    refuses(Path.of(table).getParent().toString(), message);
    refuses(table + "/" + format.files, message);
    refuses(path("pets.parquet") + "," + table, message);
    try (Stream<Path> files = Files.walk(Path.of(table))) {
      Path file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
      refuses(file.toString(), message);
      refuses(file.getParent().toString(), message);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aJobReadsOneVersionAndItsManifestNamesIt(Format format) throws IOException {
    String pets = format.table("pets");
    List<String> versions = format.versions(pets);
    String newest = pets + " VERSION AS OF '" + versions.get(versions.size() - 1) + "'";
    Manifest trained =
        runs.train("run-" + format, "paths.embeddings=" + pets, "table.where=id < 100").manifest();
    assertThat(trained.config().get("tables")).isEqualTo(Map.of("embeddings", newest));

    String first = pets + " VERSION AS OF " + versions.get(0);
    String time = pets + " TIMESTAMP AS OF '" + format.times(pets).get(0) + "'";
    String pinned = pets + " VERSION AS OF '" + versions.get(0) + "'";
    assertThat(CatalogTable.parse(spark, time).orElseThrow().pinned().name()).isEqualTo(pinned);
    String scores = path("scores-" + format);
    assertThat(runs.score("run", "paths.embeddings=" + first, "paths.scores=" + scores))
        .isEqualTo(ALL);
    assertThat(Manifests.ofTable(spark, scores).orElseThrow().config().get("tables"))
        .isEqualTo(Map.of("embeddings", pinned));
  }

  @ParameterizedTest
  @EnumSource
  @Tag("nightly")
  void aPinnedTableStaysAsItWas(Format format) throws Exception {
    String changing = format.table("changing");
    spark.range(5).writeTo(changing).using(format.name()).create();
    CatalogTable before = CatalogTable.parse(spark, changing).orElseThrow().pinned();
    spark.sql("insert into " + changing + " values (5)");
    assertThat(before.read().count()).isEqualTo(5);
    assertThat(rows(before.name())).isEqualTo(5);
    assertThat(rows(changing)).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource
  void scoresAreWrittenByNameAndReplacedIfSaid(Format format) throws IOException {
    String scores = format.table("scores");
    String pets = runs.input("pets.parquet");
    Runs named = runs.with(pets, "paths.scores=" + scores);
    named.score("run");

    String files = path("scores-of-" + format);
    runs.score("run", pets, "paths.scores=" + files);
    Dataset<Row> written = spark.table(scores);
    Dataset<Row> expected = Run.table(spark, files);
    assertThat(written.columns()).isEqualTo(expected.columns());
    assertThat(written.schema().apply("log_prob").getComment().isDefined()).isTrue();
    assertThat(written.count()).isEqualTo(ALL);
    assertThat(written.exceptAll(expected).count()).isZero();
    Manifest manifest = Manifests.ofTable(spark, scores).orElseThrow();
    Manifest beside = Manifests.ofTable(spark, files).orElseThrow();
    assertThat(manifest.id()).isEqualTo(beside.id());
    assertThat(manifest.kind()).isEqualTo("scores");

    named
        .refused(false, new Score(), "run")
        .isEqualTo("Output " + scores + " exists already: use --overwrite to replace it");
    named.score("run", "overwrite=true", "table.where=id < 10");
    assertThat(spark.table(scores).count()).isEqualTo(10);
    assertThat(Manifests.ofTable(spark, scores).orElseThrow().id()).isNotEqualTo(manifest.id());
    assertThat(StagePlan.output(Run.of(spark, named.settings("run")), RunStage.SCORE))
        .isInstanceOf(Content.Present.class);
    assertThat(format.versions(scores)).hasSize(2);
    String before = scores + " VERSION AS OF " + format.versions(scores).get(0);
    assertThat(rows(before)).isEqualTo(ALL);
    assertThat(Manifests.ofTable(spark, before)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  @Tag("nightly")
  void samplesAreWrittenByNameWithoutWhatLiesBesideThem(Format format) throws IOException {
    String samples = format.table("samples");
    String setting = "paths.samples=" + samples;
    runs.run(new Sample(), "run", setting, "sample.per-class=3");
    assertThat(spark.table(samples).count()).isEqualTo(6);
    assertThat(Manifests.ofTable(spark, samples).orElseThrow().kind()).isEqualTo("samples");
    runs.refused(true, new Sample(), "run", setting, "overwrite=true", "sample.neighbours=2")
        .isEqualTo(
            "setting sample.neighbours: got 2 for samples in %s of Spark's catalog, expected a path as output"
                .formatted(samples));
    assertThat(spark.table(samples).count()).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource
  void whatFailsLeavesTheTableAsItWas(Format format) {
    Dataset<Row> failing = spark.range(9).selectExpr("if(id = 8, raise_error('row 8'), id) id");
    CatalogTable table = CatalogTable.output(spark, format.table("failing")).orElseThrow();
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> table.write(failing, 9, false, Map.of()))
        .matches(e -> ExceptionUtils.getRootCauseMessage(e).contains("row 8"));
    assertThat(table.exists()).isFalse();
    table.write(spark.range(3).toDF(), 3, false, Map.of());
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> table.write(failing, 9, true, Map.of()))
        .matches(e -> ExceptionUtils.getRootCauseMessage(e).contains("row 8"));
    assertThat(table.read().count()).isEqualTo(3);
  }

  @Test
  void anOutputIsATableIfItsFirstPartIsACatalogOrADatabase() throws IOException {
    assertThat(CatalogTable.output(spark, "lake.shop.new")).isPresent();
    assertThat(CatalogTable.output(spark, "shop.new")).isPresent();
    assertThat(CatalogTable.output(spark, "spark_catalog.shop.`new one`")).isPresent();
    for (String path :
        List.of(
            "lake", "scores.parquet", "a.b.c", "shop/new.table", "./shop.new", "s3a:shop.new")) {
      assertThat(CatalogTable.output(spark, path)).as(path).isEmpty();
    }
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> CatalogTable.output(spark, "shop.new VERSION AS OF 1"))
        .withMessageContaining("has a version: expected the name of the table alone");
  }
}
