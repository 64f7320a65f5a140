package dev.realnvp.spark.table;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;

/** Which values of a row are its features: as asked for, or as they were found in a training. */
public sealed interface Features permits FeatureQuery, FeatureEncoder {

  /** How messages call them. */
  String name();

  /**
   * The columns of strings whose categories are not known yet.
   *
   * @param others columns that are no features unless they are named
   * @throws dev.realnvp.spark.failure.InvalidInputException if a feature's column does not exist
   */
  default List<String> unknown(TableInput input, Set<String> others) {
    return List.of();
  }

  /**
   * The encoder of a table's features; its columns exist, and have types that can be encoded.
   *
   * @param others columns that are no features unless they are named
   * @param survey of the table's rows, with the strings of {@link #unknown} columns
   * @throws dev.realnvp.spark.failure.InvalidInputException if one does not exist, has another
   *     type, or holds too many categories
   */
  FeatureEncoder encoder(TableInput input, Set<String> others, TableInput.Survey survey);

  /** The columns that are features because they were named; a set as {@link Schemas#names}. */
  Set<String> named();

  /** What each feature is called, "age" or "kind=cat"; empty if they have no names. */
  List<String> featureNames();

  /**
   * The columns that features stand for, by name: of a category the value whose feature is
   * greatest, of a truth what is nearer. None if they are a column of vectors.
   *
   * @param features an array of floats
   */
  default Map<String, Column> decoded(Column features) {
    return Map.of();
  }

  /** Whether values are missing that the encoder has to learn the means of. */
  boolean imputes();
}
