package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

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
    orders = run.runs().input("orders");
  }

  @BeforeEach
  void write() {
    run.runs()
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
    List<Row> numbered = neighbours("by number", "sample.neighbours=20");
    Map<String, Function<Long, String>> ids =
        Map.of(
            "order_no", id -> "order-" + id,
            "day,order_no",
                id -> java.time.LocalDate.of(2020, 1, 1).plusDays(id) + ", order-" + id);
    for (Map.Entry<String, Function<Long, String>> id : ids.entrySet()) {
      List<Row> named =
          neighbours(
              "by " + id.getKey(), "sample.neighbours=20", orders, "table.id-col=" + id.getKey());
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
    Row near = neighbours("by itself", "sample.neighbours=1", orders).get(0);
    assertThat(near.<String>getAs("neighbour_id"))
        .startsWith("{\"split\":\"train\",\"label\":")
        .contains("\"order_no\":\"order-", "\"embedding\":[");
  }
}
