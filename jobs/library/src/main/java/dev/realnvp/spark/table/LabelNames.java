package dev.realnvp.spark.table;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.FeatureColumns;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Classes that have names: label k, from 0, is the k-th name.
 *
 * @param names in order; empty if labels are numbers
 */
public record LabelNames(List<String> names) implements Serializable {

  /** The names of labels that are numbers. */
  public static final LabelNames NONE = new LabelNames(List.of());

  public LabelNames {
    names = List.copyOf(names);
  }

  public int size() {
    return names.size();
  }

  /** Whether labels are numbers. */
  public boolean isEmpty() {
    return names.isEmpty();
  }

  /** Refuses names that only their Unicode forms distinguish, which no reader can. */
  static List<String> distinct(List<String> names, String column, String table) {
    Set<String> forms = new HashSet<>();
    for (String name : names) {
      if (!forms.add(FeatureColumns.normal(name))) {
        throw new InvalidInputException(
            "Column '%s' of %s holds '%s' in two Unicode forms; expected one: write it normalised, NFC say"
                .formatted(column, table, FeatureColumns.normal(name)));
      }
    }
    return names;
  }

  /** The label of a column of names, an int, whatever their Unicode form; null for any other. */
  public Column label(Column name) {
    Map<String, Integer> labels = new HashMap<>();
    for (int k = 0; k < names.size(); k++) {
      labels.put(FeatureColumns.normal(names.get(k)), k);
    }
    UDF1<String, Integer> lookUp = of -> labels.get(FeatureColumns.normal(of));
    return functions.udf(lookUp, DataTypes.IntegerType).apply(name);
  }

  /** The name for a column of labels; null if the label is null. */
  public Column name(Column label) {
    String[] all = names.toArray(String[]::new);
    UDF1<Integer, String> lookUp = k -> k == null ? null : all[k];
    return functions.udf(lookUp, DataTypes.StringType).apply(label);
  }
}
