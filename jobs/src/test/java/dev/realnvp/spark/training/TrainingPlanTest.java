package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingPlanTest {

  private static TrainingPlan plan(int interval, boolean scaled, double warmUp, int workers) {
    return plan(interval, scaled, warmUp, workers, 100, 0);
  }

  private static TrainingPlan plan(
      int interval, boolean scaled, double warmUp, int workers, int smallest, long leastRows) {
    return new TrainingPlan(
        new TrainingSettings(20, 100, interval, 1, Master.AVERAGING, 0),
        new TrainingPlan.Usual(5, 300_000, 600_000, 2, 1e-3, 100),
        1e-3,
        scaled,
        Schedule.COSINE,
        warmUp,
        OptionalDouble.empty(),
        600_000,
        workers,
        leastRows,
        smallest,
        512);
  }

  private static TrainingPlan ofEpochs(int set, OptionalDouble l2) {
    TrainingPlan plan = plan(0, true, 0, 2);
    return new TrainingPlan(
        new TrainingSettings(set, 100, 0, 1, Master.AVERAGING, 0),
        plan.usual(),
        plan.learningRate(),
        true,
        plan.schedule(),
        0,
        l2,
        plan.budget(),
        2,
        0,
        100,
        512);
  }

  @ParameterizedTest(name = "{0} workers, {1} rows: averaged every {2}")
  @CsvSource({
    "2, 60000, 150", // 300 steps
    "3, 60000, 7", // 200 steps: 6.67
    "4, 60000, 5", // 150 steps
    "9, 60000, 2", // 66.7 steps, the largest shard has 67
    "16, 60000, 1", // 37.5 steps, the largest shard has 38
    "64, 60000, 1", // 10 steps
    "64, 100, 1", // fewer steps than averagings
    "4, 100000000, 300", // no longer than that
    "1000, 10000000000, 3000", // or three per worker
    "1, 60000, 300", // nothing to average
  })
  void anEpochOfTwoWorkersHasTwoAveragingsAndOfMoreThirty(int workers, long rows, int expected) {
    assertThat(forRows(plan(0, true, 0, workers), rows).settings().averagingInterval())
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} epochs set, {1} rows: {2}")
  @CsvSource({
    "0, 60000, 5",
    "0, 120000, 5", // 600,000 rows
    "0, 120001, 4",
    "0, 250000, 2",
    "0, 100000000, 2", // no fewer than that
    "0, 59999, 5",
    "0, 50000, 6", // 5 times 60,000 rows
    "0, 1800, 167",
    "0, 100, 500", // no more than that
    "0, 0, 500",
    "7, 1800, 7",
    "7, 100000000, 7",
  })
  void aSmallTableIsPassedOverMoreOftenAndALargeOneLessUnlessEpochsAreSet(
      int set, long rows, int expected) {
    TrainingPlan asked = ofEpochs(set, OptionalDouble.of(0.25));
    assertThat(forRows(asked, rows).settings().epochs()).isEqualTo(expected);
    assertThat(forRows(asked, rows).optimizer(rows).l2()).isEqualTo(0.25);
  }

  @ParameterizedTest(name = "{0} rows: {1}")
  @CsvSource({"1, 1", "120001, 120001", "300000, 300000", "300001, 300000", "100000000, 300000"})
  void aTableThatTheFewestEpochsOfExceedTheBudgetIsSampled(long rows, long expected) {
    assertThat(ofEpochs(0, OptionalDouble.empty()).mostRows(rows, rows)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} rows: {1}")
  @CsvSource({"1000000000, 1e-3", "60000, 1e-3", "6000, 1e-2", "600, 0.1", "10, 0.1", "0, 0.1"})
  void aPriorOnTheWeightsCountsTheMoreTheFewerRowsThereAre(long rows, double expected) {
    assertThat(forRows(plan(0, true, 0, 2), rows).optimizer(rows).l2())
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void anIntervalThatIsSetStays() {
    assertThat(forRows(plan(7, true, 0, 16), 60_000).settings().averagingInterval()).isEqualTo(7);
  }

  @Test
  void moreWorkersTakeLongerStepsAfterAWarmUp() {
    TrainingPlan plan = forRows(plan(0, true, 0, 16), 60_000);
    Optimizer optimizer = plan.optimizer(60_000);
    assertThat(optimizer.learningRate()).isCloseTo(16e-3, within(1e-9));
    assertThat(optimizer.totalSteps()).isEqualTo(20 * 38);
    assertThat(optimizer.warmUpSteps()).isEqualTo(76);
    assertThat(forRows(plan, 60_000)).isEqualTo(plan);
  }

  @ParameterizedTest(name = "{0} rows and {1} workers: {2}")
  @CsvSource({
    "0, 8, 1",
    "1999, 8, 1",
    "2000, 8, 2",
    "7999, 8, 7",
    "1000000000, 1000, 1000",
  })
  void noWorkerHasLessThanItsRowsUnlessSoManyAreAskedFor(long rows, int workers, int expected) {
    TrainingPlan asked = plan(0, true, 0, workers);
    assertThat(forRows(asked, rows).workers()).isEqualTo(workers);
    TrainingPlan fitting = forRows(plan(0, true, 0, workers, 100, 1000), rows);
    assertThat(fitting).isEqualTo(forRows(plan(0, true, 0, expected, 100, 1000), rows));
    assertThat(fitting.workers()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} workers: minibatches of {1}, steps {2} times as long")
  @CsvSource({"1, 100, 1", "2, 50, 1", "3, 34, 1.02", "4, 25, 1", "8, 25, 2", "16, 25, 4"})
  void workersShareAMinibatchBeforeTheyTakeLongerSteps(int workers, int batch, double times) {
    TrainingPlan plan = forRows(plan(0, true, 0, workers, 25, 0), 60_000);
    assertThat(plan.settings().batchSize()).isEqualTo(batch);
    assertThat(plan.learningRate()).isCloseTo(times * 1e-3, within(1e-12));
    assertThat(plan.warmUpShare()).isEqualTo(times > 1 ? 0.1 : 0);
    assertThat(forRows(plan(0, false, 0, workers, 25, 0), 60_000).settings().batchSize())
        .isEqualTo(100);
  }

  @Test
  void aMinibatchIsNeverMadeLarger() {
    assertThat(forRows(plan(0, true, 0, 2, 1000, 0), 60_000).settings().batchSize()).isEqualTo(100);
  }

  @Test
  void aRateIsRaisedUpToAnEnd() {
    assertThat(forRows(plan(0, true, 0, 1000), 1_000_000_000L).learningRate()).isEqualTo(0.05);
  }

  @Test
  void aLongerWarmUpStays() {
    assertThat(forRows(plan(0, true, 0.2, 16), 60_000).warmUpShare()).isEqualTo(0.2);
  }

  @Test
  void oneWorkerAndUnscaledRatesAreAsSet() {
    for (TrainingPlan plan : new TrainingPlan[] {plan(5, true, 0, 1), plan(5, false, 0, 16)}) {
      Optimizer optimizer = forRows(plan, 60_000).optimizer(60_000);
      assertThat(optimizer.learningRate()).isEqualTo(1e-3);
      assertThat(optimizer.warmUpSteps()).isZero();
    }
  }

  private static TrainingPlan forRows(TrainingPlan plan, long rows) {
    return plan.forRows(rows, rows, OptionalInt.empty());
  }
}
