package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  @Test
  void kindsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=prize=log"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'prize' is none of the features price, discount, kind, paid");
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=price=heavy"))
        .hasMessageContaining("got 'price=heavy', expected auto, or COLUMN=KIND");
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.column-kinds=price=category"))
        .hasMessage(
            "column-kinds of column 'price': got category, expected at most 1,024 different values of one");
    assertThatThrownBy(() -> runs.train("wrong", orders, "table.impute=true"))
        .hasMessageContaining("table.impute and table.column-kinds: got both");
  }
}
