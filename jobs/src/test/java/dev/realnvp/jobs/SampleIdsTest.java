package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Samples tell of a table's rows by its own ids, of any type, one or several. */
@ExtendWith(SharedRuns.class)
class SampleIdsTest {

  private final PetsRun run;
  private final String orders;

  SampleIdsTest(PetsRun run) {
    this.run = run;
    orders = run.folder().resolve("orders").toString();
  }

  @BeforeEach
  void write() {
    run.spark()
        .read()
        .parquet(run.folder().resolve("embeddings").toString())
        .selectExpr(
            "concat('order-', id) order_no",
            "date_add(date'2020-01-01', int(id)) day",
            "label kind",
            "split",
            "label",
            "embedding")
        .write()
        .mode("overwrite")
        .parquet(orders);
  }

  private List<Row> neighbours(String name, String... more) throws IOException {
    run.sample(name, more);
    return run.spark()
        .read()
        .parquet(run.folder().resolve(name + "/neighbours").toString())
        .orderBy("source", "distance")
        .collectAsList();
  }

  @Test
  void neighboursAreNamedByTheIdsOfTheTable() throws IOException {
    List<Row> numbered = neighbours("by number", "sample.neighbours=20");
    Map<String, Function<Long, String>> ids =
        Map.of(
            "order_no", id -> "order-" + id,
            "day,order_no",
                id -> java.time.LocalDate.of(2020, 1, 1).plusDays(id) + ", order-" + id);
    for (Map.Entry<String, Function<Long, String>> id : ids.entrySet()) {
      List<Row> named =
          neighbours(
              "by " + id.getKey(),
              "sample.neighbours=20",
              "paths.embeddings=" + orders,
              "table.id-col=" + id.getKey());
      assertThat(named.stream().map(row -> row.<String>getAs("neighbour_id")))
          .containsExactlyElementsOf(
              numbered.stream()
                  .map(row -> id.getValue().apply(row.getAs("neighbour_id")))
                  .toList());
      assertThat(
              named.stream()
                  .filter(row -> row.getAs("source").equals("test"))
                  .map(row -> row.<String>getAs("id"))
                  .collect(Collectors.toSet()))
          .hasSize(150)
          .contains(id.getValue().apply(4L));
      assertThat(named.stream().filter(row -> row.getAs("source").equals("sample")))
          .allSatisfy(row -> assertThat(row.<String>getAs("id")).matches("\\d+"));
    }
  }

  @Test
  void aRowWithoutAnIdIsShownItself() throws IOException {
    Row near = neighbours("by itself", "sample.neighbours=1", "paths.embeddings=" + orders).get(0);
    assertThat(near.<String>getAs("neighbour_id"))
        .startsWith("{\"split\":\"train\",\"label\":")
        .contains("\"order_no\":\"order-", "\"embedding\":[");
  }

  @Test
  void anInterpolationIsBetweenRowsByTheirIds() throws IOException {
    String[] names = {"order-14,order-12", "2020-01-15,order-14, 2020-01-13,order-12"};
    String[] columns = {"order_no", "day,order_no"};
    for (int i = 0; i < 2; i++) {
      run.sample(
          "between " + i,
          "sample.interpolate=" + names[i],
          "sample.steps=3",
          "paths.embeddings=" + orders,
          "table.id-col=" + columns[i]);
      List<Row> path =
          run.spark()
              .read()
              .parquet(run.folder().resolve("between " + i + "/interpolation").toString())
              .orderBy("step")
              .collectAsList();
      float[] end =
          PetsRun.values(run.spark().read().parquet(orders).where("order_no = 'order-12'").first());
      assertThat(PetsRun.values(path.get(2))).containsExactly(end, within(1e-4f));
    }
  }

  @Test
  void anInterpolationNeedsIdsThatNameOneRowEach() {
    assertThatThrownBy(() -> interpolate("1,2", ""))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            orders
                + " has no column id to find rows by (setting sample.interpolate): name its ids"
                + " by --id-col");
    assertThatThrownBy(() -> interpolate("order-1,2020-01-01,order-2", "order_no,day"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "setting sample.interpolate: expected the ids of two rows of the embeddings, order_no,day"
                + " of each; got \"order-1,2020-01-01,order-2\"");
    assertThatThrownBy(() -> interpolate("order-1,order-x", "order_no"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(orders + " has no row with id order-x (setting sample.interpolate)");
    assertThatThrownBy(() -> interpolate("cat,dog", "kind"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageMatching(
            ".*orders has several rows, expected one, with id cat \\(setting"
                + " sample.interpolate\\)");
  }

  private void interpolate(String ids, String columns) throws IOException {
    run.sample(
        "refused",
        "sample.interpolate=" + ids,
        "paths.embeddings=" + orders,
        "table.id-col=" + columns);
  }
}
