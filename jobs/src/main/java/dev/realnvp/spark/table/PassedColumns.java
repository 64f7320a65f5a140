package dev.realnvp.spark.table;

import java.util.List;

/**
 * Which columns of a table its rows keep.
 *
 * @param keep their names; empty for all
 * @param features whether, of all, those of the features are kept too
 */
public record PassedColumns(List<String> keep, boolean features) {

  /** Copies the names. */
  public PassedColumns {
    keep = List.copyOf(keep);
  }
}
