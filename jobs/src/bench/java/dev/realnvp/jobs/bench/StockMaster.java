package dev.realnvp.jobs.bench;

import java.io.IOException;

/**
 * Seconds of an epoch of the flow, averaged every 5 minibatches, against DL4J's {@code
 * ParameterAveragingTrainingMaster} with the same settings. One epoch warms up, two count.
 */
record StockMaster() implements Measure {

  private static final int INTERVAL = 5;
  private static final int WARM = 1;
  private static final int EPOCHS = 3;

  @Override
  public String name() {
    return "stock-master";
  }

  @Override
  public String unit() {
    return "s";
  }

  @Override
  public Goal goal() {
    return Goal.gainAtLeast(3);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    return Reading.best(training(bench, "averaging").seconds())
        .against(training(bench, "stock").seconds());
  }

  private static History training(Workbench bench, String master) throws IOException {
    return History.after(
        WARM,
        bench.train(
            "flow",
            "flow-" + master,
            EPOCHS,
            "train.master",
            master,
            "flow.averaging-interval",
            INTERVAL));
  }
}
