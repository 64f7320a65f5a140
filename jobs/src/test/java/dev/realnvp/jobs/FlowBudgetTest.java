package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.flow.FlowModel;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Training on as many rows as the budget allows. */
@ExtendWith(LocalSpark.class)
class FlowBudgetTest {

  private static final String DISTINCT =
      "select array(float(randn(1)), float(id)) embedding from range(6000)";

  /** Half of the rows are equal. */
  private static final String COPIES =
      "select if(id % 2 = 0, array(0f, 0f), array(float(randn(1)), float(id))) embedding from range(6000)";

  @TempDir Path folder;

  private Manifest trained(String name, String sql, int files, String... settings)
      throws Exception {
    Runs runs = Runs.in(folder).with("train.workers=2").with(settings);
    Dataset<Row> rows = runs.spark().sql(sql);
    Layouts.write(rows, files, runs.path(name));
    return runs.train(name + " run", runs.input(name)).manifest();
  }

  @Test
  void theSampleFollowsFromContentAndSeed() throws Exception {
    for (String sql : new String[] {DISTINCT, COPIES}) {
      Manifest one = trained("one" + sql.length(), sql, 1, "flow.budget=1000");
      Manifest other = trained("other" + sql.length(), sql, 7, "flow.budget=1000");
      Manifest seed = trained("seed" + sql.length(), sql, 1, "flow.budget=1000", "seed=7");
      assertThat(other.id()).isEqualTo(one.id());
      assertThat(seed.id()).isNotEqualTo(one.id());
      Map<?, ?> sample = (Map<?, ?>) one.config().get(FlowModel.SAMPLE);
      // A tenth of the rows is held out, more or less.
      assertThat(((Number) sample.get("of")).longValue()).isBetween(5300L, 5500L);
      assertThat(((Number) sample.get("rows")).longValue()).isBetween(850L, 1150L);
    }
  }

  @Test
  void aTableWithinTheBudgetIsTrainedOnWhole() throws Exception {
    Manifest all = trained("all", DISTINCT, 1);
    Manifest enough = trained("enough", DISTINCT, 1, "flow.budget=6000");
    assertThat(enough.id()).isEqualTo(all.id());
    assertThat(enough.config()).doesNotContainKey(FlowModel.SAMPLE);
  }

  /** With more epochs fewer rows. */
  @Test
  void allEpochsTogetherKeepToTheBudget() throws Exception {
    Manifest four = trained("four", DISTINCT, 1, "flow.budget=4000", "flow.epochs=4");
    Map<?, ?> sample = (Map<?, ?>) four.config().get(FlowModel.SAMPLE);
    assertThat(((Number) sample.get("rows")).longValue()).isBetween(850L, 1150L);
  }
}
