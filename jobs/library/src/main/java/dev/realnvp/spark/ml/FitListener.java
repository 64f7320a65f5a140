package dev.realnvp.spark.ml;

/** Is told how a {@link RealNVP#fit} gets on, on the driver, in the thread that calls it. */
@FunctionalInterface
public interface FitListener {

  /**
   * An epoch is done.
   *
   * @param epoch counted from 1
   * @param loss of the rows that are trained on, in nats per row
   * @param validation the loss of those that are held out; NaN without any
   * @param rowsPerSecond how many rows were trained on in a second, by all workers together
   */
  void epochDone(int epoch, double loss, double validation, double rowsPerSecond);
}
