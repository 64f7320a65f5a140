package dev.realnvp.damage;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A kind of input: how a whole one is made, and how the project reads it. */
interface InputKind {

  /** What the input is called, in the report of a case. */
  String name();

  /**
   * Makes a whole input, the same one whenever it is asked for.
   *
   * @param folder an empty one
   */
  void make(SparkSession spark, Path folder) throws IOException;

  /**
   * Reads the input with the reader that the jobs use, to its end.
   *
   * @return all that was read, as something with {@code equals}
   * @throws AssertionError if that is impossible, say of unequal shapes or not finite, and was not
   *     refused
   */
  Object read(SparkSession spark, Path folder) throws IOException;

  /**
   * Whether the format has check sums by which this damage is noticed, so that what is read in
   * spite of it has to be the same as of the whole input.
   */
  boolean notices(Damage damage);
}
