package dev.realnvp.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What the stages here have in common: setters that return the stage.
 *
 * <p>A stage's parameters are methods that make them: Spark finds them by their type, and takes two
 * parameters of the same stage and name for equal. The getter and the setter of a parameter have
 * its name, as Spark ML's: {@code getMaxEpochs} and {@code setMaxEpochs} of {@code maxEpochs}.
 *
 * @param <S> the stage
 */
public interface FluentParams<S extends FluentParams<S>> extends Params {

  /**
   * Sets a parameter, which is validated.
   *
   * @throws IllegalArgumentException if the value is out of its range
   */
  @SuppressWarnings("unchecked")
  default <V> S with(Param<V> param, V value) {
    return (S) set(param, value);
  }

  /** A column's name; empty where the parameter is not set. */
  default String columnOrNone(Param<String> param) {
    return isDefined(param) ? getOrDefault(param) : "";
  }
}
