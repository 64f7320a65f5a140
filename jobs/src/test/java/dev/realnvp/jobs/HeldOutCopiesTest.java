package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of few distinct rows: what is held out of them is a share of the rows. */
class HeldOutCopiesTest {

  private static final int ROWS = 20_000;
  private static final double RATE = 0.01;

  @TempDir static Path folder;

  /** Rows of three columns of four categories each, 64 distinct ones, the rarest of 1 in 8,000. */
  private static String sql(String id, int seed) {
    String kinds = "";
    String random = "";
    for (int k = 0; k < 3; k++) {
      kinds +=
          ", case when u%1$d < 0.6 then 'a' when u%1$d < 0.85 then 'b' when u%1$d < 0.95 then 'c' else 'd' end k%1$d"
              .formatted(k);
      random += ", rand(%d) u%d".formatted(seed + k, k);
    }
    return "select %s%s from (select id%s from range(0, %d, 1, 2))"
        .formatted(id, kinds, random, ROWS);
  }

  /** Held-out rows set the threshold, new ones of the same distribution are marked. */
  private static void marksTheShareThatIsSaid(String run, String id) throws IOException {
    Runs runs =
        Runs.in(folder, "flow.epochs=4", "flow.trim=0", "flow.hidden=[32]", "flow.couplings=4");
    String old = runs.write(run + ".parquet", sql(id, 1));
    long held =
        ROWS
            - runs.train(run, old, "table.features-cols=k*").manifest().history().get(0).examples();
    assertThat((double) held).isCloseTo(0.1 * ROWS, within(4 * Math.sqrt(0.09 * ROWS)));
    runs.score(run, runs.write(run + "-new.parquet", sql(id, 11)));
    double marked = runs.scores(run).where("anomaly").count() / (double) ROWS;
    double error = Math.sqrt(RATE * (1 - RATE) * (1.0 / ROWS + 1.0 / held));
    assertThat(marked).isCloseTo(RATE, within(2 * error));
    runs.score(run, old, "overwrite=true");
    assertThat(runs.scores(run).where("split = 'test'").count()).isEqualTo(held);
  }

  @Test
  void newRowsOfCategoriesAreMarkedAtTheRate() throws IOException {
    marksTheShareThatIsSaid("categories", "1 one");
  }

  @Test
  @Tag("nightly")
  void soAreRowsThatHaveIds() throws IOException {
    marksTheShareThatIsSaid("identified", "id");
  }
}
