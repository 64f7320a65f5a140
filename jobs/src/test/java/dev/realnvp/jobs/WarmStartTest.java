package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that goes on from an old flow. */
class WarmStartTest {

  @TempDir static Path folder;

  private static Runs cold;
  private static Runs warm;
  private static Manifest old;

  @BeforeAll
  static void trainTheOldFlow() throws IOException {
    cold =
        Runs.in(
            folder,
            "table.features-col=v",
            "flow.epochs=3",
            "flow.hidden=[16]",
            "flow.couplings=3");
    old = cold.train("old", table("rows", 0), "flow.batch-norm=true").manifest();
    warm = cold.with("train.from=" + cold.path("old/flow"));
  }

  /** Two classes around a curve; moved by so much. */
  private static String table(String name, double moved) {
    return cold.write(
        name,
        "select id, if(id %% 5 = 0, 'test', 'train') split, array('cat', 'dog')[id %% 2] label,"
            + " array(10 * (x + %s), x * x + id %% 2 + 0.1 * randn(2), randn(3)) v"
            + " from (select id, randn(1) x from range(0, 2000, 1, 2))",
        moved);
  }

  private static double last(Manifest manifest) {
    List<EpochStats> history = manifest.history();
    return history.get(history.size() - 1).validationLoss();
  }

  @Test
  void beginsWithTheOldFlowsLossAndGetsBetter() throws IOException {
    // A step that moves no weight so far that a loss shows it, and no noise, which is drawn; the
    // batch norm's statistics still follow the rows.
    String rows = cold.input("rows");
    Manifest standing =
        warm.train("standing", rows, "flow.learning-rate=1e-9", "flow.epochs=1", "flow.noise=0")
            .manifest();
    assertThat(standing.history()).hasSize(1);
    assertThat(last(standing)).isCloseTo(last(old), within(0.02));
    assertThat(standing.parents()).containsEntry("previous_flow", old.id());
    assertThat(standing.id()).isNotEqualTo(old.id());

    Manifest better = warm.train("better", rows).manifest();
    assertThat(last(better)).isLessThan(last(old) - 0.05);
    assertThat(better.history().get(0).trainLoss()).isLessThan(old.history().get(2).trainLoss());

    // For a pipeline it is up to date as long as the old flow is the same.
    String piped = "pipeline.input=" + cold.path("rows");
    warm.run(new Pipeline(), "better", piped);
    assertThat(cold.flow("better").manifest().id()).isEqualTo(better.id());
    String changed = "train-flow: the flow to go on from was " + old.id() + ", is ";
    String other = "train.from=" + cold.path("standing/flow");
    cold.refused(false, new Pipeline(), "better", piped, other).contains(changed + standing.id());
    cold.refused(false, new Pipeline(), "better", piped).contains(changed + "none");
  }

  /** Rows that moved are seen through the old means: else the old weights would mean nothing. */
  @Test
  void keepsTheStandardisationAndTheStructureButNotTheSeed() throws IOException {
    warm.train("of-moved", table("moved", 0.5), "seed=7", "flow.epochs=1");
    RealNVP before = RealNVP.of(cold.flow("old").network());
    RealNVP after = RealNVP.of(cold.flow("of-moved").network());
    assertThat(after.scaling().orElseThrow().mean()).containsExactly(before.scaling().get().mean());
    assertThat(after.scaling().get().scale()).containsExactly(before.scaling().get().scale());
    assertThat(after.batchNorm()).isTrue();
    assertThat(after.network().params()).isNotEqualTo(before.network().params());
    // What follows from the rows alone is the new table's.
    assertThat(cold.flow("of-moved").calibration().orElseThrow().count()).isEqualTo(400);
  }

  @Test
  void refusesOtherFeaturesClassesAndStructures() {
    String rows = "select id, array(%s)[id %% %d] label, %s v from range(99)";
    String three = "array(randn(1), randn(2), randn(3))";
    cold.write("other-classes", rows, "'cat', 'fox'", 2, three);
    cold.write("more-classes", rows, "'cat', 'dog', 'fox'", 3, three);
    cold.write("fewer-features", rows, "'cat', 'dog'", 2, "array(randn(1), randn(2))");
    refuses("other-classes", "has classes [cat, fox]; expected [cat, dog], as flow " + old.id());
    refuses("more-classes", "has classes [cat, dog, fox]; expected [cat, dog]");
    refuses("fewer-features", "has 3 features, given 2 classes or numbers; ");
    refuses("rows", "structure than the settings of flow say", "flow.couplings=2");
    refuses("rows", "layer 1: got AffineCoupling, expected one of other sizes", "flow.hidden=[17]");
    refuses("rows", "expected SplineCoupling", "flow.coupling=spline");
    warm.refused(true, new TrainFlow(), "old", cold.input("rows"), "overwrite=true")
        .contains("setting paths.flow: expected a place without ", "(setting train.from)");
  }

  private static void refuses(String table, String message, String... sets) {
    warm.with(sets).refused(false, new TrainFlow(), "refused", cold.input(table)).contains(message);
  }
}
