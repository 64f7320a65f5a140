package dev.realnvp.spark.training;

import dev.realnvp.engine.Batch;
import java.io.Serializable;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The training rows of one worker, held as plain arrays so that Spark can cache and account for
 * them. May hold no row at all.
 */
public interface Shard extends Serializable {

  /** How many rows there are. */
  int size();

  /**
   * The given rows as one minibatch: a pure function of the arguments, since a failed task is run
   * again.
   *
   * @param rows indices from 0 up to {@link #size()}, in the order that the minibatch takes
   * @return new arrays, which the caller may change
   */
  DataSet batch(int[] rows);

  /**
   * The same for the engine: fills the inputs of a batch, and its context where there is one.
   *
   * @param rows as in {@link #batch}
   * @param batch of as many rows
   */
  void fill(int[] rows, Batch batch);
}
