package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flows that are trained by the jobs, against the densities that their rows were drawn from: how
 * much worse, in nats, they find rows that they have not seen than the truth does.
 */
@Tag("nightly")
class KnownEntropyTest {

  private static final int TEST_ROWS = 10_000;

  @TempDir Path folder;

  private static Row row(KnownDensity density, long id) {
    return RowFactory.create(
        id,
        id < TEST_ROWS ? Split.TEST : Split.TRAIN,
        null,
        density.draw(new SplittableRandom(id)));
  }

  /** Mean of log p(x) - log q(x) over the test rows, p the truth and q the flow. */
  private double excess(KnownDensity density, int rows, String... settings) throws IOException {
    Runs runs = Runs.defaults(folder, "overwrite=true").with(settings);
    MapFunction<Long, Row> draw = id -> row(density, id);
    runs.write(
        "embeddings",
        runs.spark()
            .range(0, TEST_ROWS + rows, 1, 2)
            .as(Encoders.LONG())
            .map(draw, Encoders.row(Embeddings.SCHEMA)));
    runs.train("");
    runs.score("");
    double flow =
        runs.table("scores")
            .where("split = 'test'")
            .selectExpr("avg(log_prob)")
            .first()
            .getDouble(0);
    double truth =
        LongStream.range(0, TEST_ROWS)
            .parallel()
            .mapToDouble(id -> density.logProb(density.draw(new SplittableRandom(id))))
            .average()
            .orElseThrow();
    return truth - flow;
  }

  @Test
  void mixtureOf16Features() throws IOException {
    assertThat(excess(KnownDensity.Mixture.random(5, 16, 1), 100_000, "flow.coupling=spline"))
        .isCloseTo(0, within(0.08));
  }

  /** Most of it is linear, so a small network and much L2 fit it. */
  @Test
  void correlatedGaussianOf64Features() throws IOException {
    double excess =
        excess(
            new KnownDensity.Chain(64, 0.8),
            200_000,
            "flow.hidden=[64]",
            "flow.l2=1e-2",
            "flow.batch-norm=false",
            "flow.epochs=15");
    assertThat(excess).isCloseTo(0, within(0.03));
  }

  /** With the rates that follow from their number; not with those of one worker. */
  @Test
  void eightWorkersAreNearlyAsGoodAsOne() throws IOException {
    double one = excess(1, true);
    assertThat(excess(8, true)).isLessThan(one + 0.15);
    assertThat(excess(8, false)).isGreaterThan(one + 0.15);
  }

  private double excess(int workers, boolean scaled) throws IOException {
    return excess(
        KnownDensity.Mixture.random(5, 16, 1),
        40_000,
        "flow.hidden=[64, 64]",
        "flow.epochs=12",
        "train.workers=" + workers,
        "train.scale-learning-rate=" + scaled);
  }
}
