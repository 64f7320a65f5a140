package dev.realnvp.jobs;

import static dev.realnvp.jobs.PetsRun.FEATURES;
import static dev.realnvp.jobs.PetsRun.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The nearest train rows of samples. */
class SampleNeighboursTest {

  private final PetsRun run = SharedRuns.pets();

  @Test
  void neighboursAreTheNearestTrainRows() throws IOException {
    List<Row> samples =
        run.sample(
            "near", "sample.neighbours=5", "sample.counts=cat=4,fox=20", "inference.batch=7");
    List<Row> train = run.table("embeddings").where("split = 'train'").collectAsList();
    double[] scale = RealNVP.of(run.model().network()).scaling().orElseThrow().scale();
    Dataset<Row> table = run.table("near/neighbours");
    List<Row> near = table.where("source = 'sample'").orderBy("id").collectAsList();
    assertThat(near.stream().map(row -> row.<Long>getAs("id"))).containsExactly(0L, 1L, 2L, 4L, 5L);
    for (Row row : near) {
      Row sample = samples.get((int) (long) row.<Long>getAs("id"));
      assertThat(row.<String>getAs("label_name")).isEqualTo(sample.<String>getAs("label_name"));
      Row nearest =
          train.stream()
              .min(Comparator.comparingDouble(other -> distance(sample, other, scale)))
              .orElseThrow();
      assertThat(row.<Long>getAs("neighbour_id")).isEqualTo(nearest.<Long>getAs("id"));
      assertThat(row.<String>getAs("neighbour_label_name"))
          .isEqualTo(nearest.<String>getAs("label"));
      assertThat(row.<Double>getAs("distance"))
          .isCloseTo(distance(sample, nearest, scale), within(1e-3));
    }
    assertThat(table.where("source = 'test'").count()).isEqualTo(150);
    assertThat(table.where("source = 'test' and id % 4 = 0 and neighbour_id % 4 > 0").count())
        .isEqualTo(150);
  }

  private static double distance(Row one, Row other, double[] scale) {
    float[] a = values(one);
    float[] b = values(other);
    return Math.sqrt(
        IntStream.range(0, FEATURES).mapToDouble(j -> Math.pow((a[j] - b[j]) / scale[j], 2)).sum());
  }

  @Test
  @Tag("nightly")
  void theReportSaysThatATableOfNeighboursIsIncompleteOrDamaged() throws IOException {
    run.sample("torn", "sample.neighbours=2", "sample.per-class=1");
    Config config = run.settings("paths.samples=" + run.runs().path("torn"));
    assertThat(notes(config))
        .hasSize(2)
        .first()
        .asString()
        .matches("nearest train row: in the median .* from each of 2 samples, .* of 150 test rows");
    Path incomplete = Files.createFile(run.folder().resolve("torn/_incomplete"));
    assertThat(notes(config)).hasSize(1).first().asString().contains(" is incomplete ");
    Files.delete(incomplete);
    try (Stream<Path> files = Files.list(run.folder().resolve("torn/neighbours"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.writeString(file, "no Parquet");
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      }
    }
    assertThat(notes(config)).hasSize(1).first().asString().startsWith("cannot read ");
  }

  private List<String> notes(Config config) throws IOException {
    return new RunReader(Run.of(run.spark(), config))
        .pictures().stream()
            .filter(picture -> picture.heading().equals("Nearest train rows"))
            .flatMap(picture -> picture.notes().stream())
            .toList();
  }

  /** The rows with ids of other types. */
  private String orders() {
    return run.runs()
        .write(
            "orders",
            run.table("embeddings")
                .selectExpr(
                    "concat('order-', id) order_no",
                    "date_add(date'2020-01-01', int(id)) day",
                    "label kind",
                    "split",
                    "label",
                    "embedding"));
  }

  private List<Row> neighbours(String name, String... more) throws IOException {
    run.sample(name, more);
    return run.table(name + "/neighbours").orderBy("source", "distance").collectAsList();
  }

  @Test
  void neighboursAreNamedByTheIdsOfTheTable() throws IOException {
    LongFunction<String> name = id -> LocalDate.of(2020, 1, 1).plusDays(id) + ", order-" + id;
    List<Row> numbered = neighbours("by number", "sample.neighbours=20");
    List<Row> named =
        neighbours("by name", "sample.neighbours=20", orders(), "table.id-col=day,order_no");
    assertThat(named)
        .extracting(row -> row.<String>getAs("neighbour_id"))
        .containsExactlyElementsOf(
            numbered.stream().map(row -> name.apply(row.<Long>getAs("neighbour_id"))).toList());
    assertThat(named)
        .filteredOn(row -> row.getAs("source").equals("test"))
        .extracting(row -> row.<String>getAs("id"))
        .doesNotHaveDuplicates()
        .hasSize(150)
        .contains(name.apply(4));
    assertThat(named)
        .filteredOn(row -> row.getAs("source").equals("sample"))
        .extracting(row -> row.<String>getAs("id"))
        .allMatch(id -> id.matches("\\d+"));
  }

  @Test
  void aRowWithoutAnIdIsShownItself() throws IOException {
    Row near = neighbours("by itself", "sample.neighbours=1", orders()).get(0);
    assertThat(near.<String>getAs("neighbour_id"))
        .startsWith("{\"split\":\"train\",\"label\":")
        .contains("\"order_no\":\"order-", "\"embedding\":[");
  }
}
