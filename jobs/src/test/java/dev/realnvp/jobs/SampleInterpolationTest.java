package dev.realnvp.jobs;

import static dev.realnvp.jobs.PetsRun.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The path between two rows of the embeddings. */
@ExtendWith(SharedRuns.class)
class SampleInterpolationTest {

  private final PetsRun run;

  SampleInterpolationTest(PetsRun run) {
    this.run = run;
  }

  @Test
  void anInterpolationGoesFromRowToRow() throws IOException {
    run.sample("between", "sample.interpolate=14, 12", "sample.steps=4", "sample.per-class=1");
    List<Row> path =
        run.spark()
            .read()
            .parquet(run.folder().resolve("between/interpolation").toString())
            .orderBy("step")
            .collectAsList();
    assertThat(path.stream().map(row -> row.<Double>getAs("weight")))
        .containsExactly(0.0, 1 / 3.0, 2 / 3.0, 1.0);
    Dataset<Row> embeddings =
        run.spark().read().parquet(run.folder().resolve("embeddings").toString());
    RealNVP flow = RealNVP.of(run.model().network());
    int[] steps = {0, 3};
    int[] ids = {14, 12};
    for (int i = 0; i < 2; i++) {
      Row row = path.get(steps[i]);
      float[] end = values(embeddings.where("id = " + ids[i]).first());
      assertThat(values(row)).containsExactly(end, within(1e-4f));
      double[] logProb = new double[1];
      FlowEngine.of(flow).logProb(end, new Context.Classes(new int[] {ids[i] % 3}, 3), logProb);
      assertThat(row.<Double>getAs("log_prob")).isCloseTo(logProb[0], within(1e-3));
      assertThat(row.<byte[]>getAs("pixels")).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1,2,3", "a,b,"})
  void anInterpolationIsOfTwoIds(String ids) {
    assertThatThrownBy(() -> run.sample("refused", "sample.interpolate=" + ids))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "setting sample.interpolate: expected the ids of two rows of the embeddings, such as"
                + " 17,4711; got \"%s\"",
            ids);
  }

  @Test
  void theRowsOfAnInterpolationMustBeThereAndHaveLabels() throws IOException {
    assertThatThrownBy(() -> run.sample("refused", "sample.interpolate=1,600"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            run.folder().resolve("embeddings")
                + " has no row with id 600 (setting sample.interpolate)");
    assertThatThrownBy(() -> run.sample("refused", "sample.interpolate=1.5,1"))
        .hasMessageContaining(" has no row with id 1.5 ");
    String strangers = run.folder().resolve("strangers").toString();
    run.spark()
        .sql("select id, 'cow' label, array(1d, 2d, 3d) embedding from range(2)")
        .write()
        .parquet(strangers);
    assertThatThrownBy(
            () -> run.sample("refused", "sample.interpolate=1,0", "paths.embeddings=" + strangers))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("row 1 of %s has label null; the flow takes 0 to 2", strangers);
    assertThat(run.folder().resolve("refused")).doesNotExist();
  }
}
