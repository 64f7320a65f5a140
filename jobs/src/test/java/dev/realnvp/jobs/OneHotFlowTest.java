package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.spark.ml.RealNVPModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stored flow of one-hot categories and imputed means, which knows no kinds of features. */
class OneHotFlowTest {

  /** Of the first rows, by the program that trained it. */
  private static final double[] LOG_PROB = {
    -10.54188557293751, -5.452071468149455, -4.5971133330576714, -4.804216779364399,
    -4.256309023336698, -4.3560788017019005, -4.051540817009215, -4.070986205249875
  };

  @TempDir static Path folder;

  private static Runs runs;
  private static String orders;

  @BeforeAll
  static void copy() throws IOException {
    runs = Runs.in(folder);
    orders =
        runs.write(
            "orders",
            "select id, id % 10 = 0 paid, array('book', 'lamp')[id % 2] kind,"
                + " if(id = 7, null, 1 + 0.5 * (id % 17)) price from range(8)");
    FileUtils.copyDirectory(
        Path.of("src/test/resources/one-hot-0.1.0").toFile(), folder.resolve("run/flow").toFile());
  }

  @Test
  void theJobScoresAsBefore() throws IOException {
    runs.score("run", orders);
    assertThat(logProb(runs.scores("run").orderBy("id").collectAsList(), "log_prob"))
        .containsExactly(LOG_PROB, within(1e-4));
  }

  @Test
  void soDoesTheStage() {
    RealNVPModel model = RealNVPModel.load(runs.path("run/flow"));
    assertThat(
            logProb(model.transform(runs.table("orders")).orderBy("id").collectAsList(), "logProb"))
        .containsExactly(LOG_PROB, within(1e-4));
  }

  @Test
  void soDoesAPlainProgram() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(folder.resolve("run/flow"));
    for (Row row : runs.table("orders").collectAsList()) {
      Map<String, Object> columns = new HashMap<>();
      List.of("price", "paid", "kind").forEach(name -> columns.put(name, row.getAs(name)));
      assertThat(flow.logProb(new float[][] {flow.encode(columns)})[0])
          .isCloseTo(LOG_PROB[(int) row.getLong(0)], within(1e-4));
    }
  }

  private static double[] logProb(List<Row> rows, String column) {
    return rows.stream().mapToDouble(row -> row.<Double>getAs(column)).toArray();
  }
}
