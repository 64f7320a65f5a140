package dev.realnvp.jobs.run;

import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.table.Schemas;
import dev.realnvp.spark.table.TableInput;
import java.io.IOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * The rows that are newer than those that were scored before: their value of a column, a day or a
 * number that only grows, is greater than the greatest there. Who scores a growing table each night
 * needs no others. A row without a value there, or with one that is not finite, is never newer.
 */
public final class NewRows {

  /** The setting that names the earlier scores. */
  public static final String THAN = "score.newer-than";

  /** The setting that names the column. */
  public static final String BY = "score.newer-by";

  private NewRows() {}

  /**
   * The run with these rows of its table alone; with all if no earlier scores are named.
   *
   * @throws ConfigurationException if one of the two settings is missing
   * @throws InvalidInputException if the earlier scores do not exist, or lack the column, or have
   *     no value there
   */
  public static Run only(Run run) throws IOException {
    String than = run.place(THAN);
    String by = run.config().getString(BY);
    if (than.isEmpty() != by.isEmpty()) {
      throw new ConfigurationException(
          "settings %s and %s: got \"%s\" and \"%s\", expected both or neither"
              .formatted(THAN, BY, than, by));
    }
    if (than.isEmpty()) {
      return run;
    }
    Dataset<Row> before = run.table(THAN);
    if (Schemas.find(before.schema(), by, than).isEmpty()) {
      throw new InvalidInputException(
          "%s has no column '%s', only %s"
              .formatted(than, by, String.join(", ", before.columns())));
    }
    String name = Schemas.quoted(by);
    DataType type = before.select(Schemas.column(by)).schema().apply(0).dataType();
    // NaN is greater than all numbers. Local times come twice when clocks are put back.
    boolean fraction = type == DataTypes.DoubleType || type == DataTypes.FloatType;
    boolean instant = type == DataTypes.TimestampType;
    Dataset<Row> finite = fraction ? before.where("abs(%s) < 'Infinity'".formatted(name)) : before;
    String most = (instant ? "unix_micros(max(%s))" : "max(%s)").formatted(name);
    Row greatest = run.reading(THAN, () -> finite.selectExpr(most).first());
    if (greatest.isNullAt(0)) {
      throw new InvalidInputException("%s has no value of '%s'".formatted(than, by));
    }
    String literal = Literal$.MODULE$.apply(greatest.get(0)).sql();
    String newer =
        "%s > %s".formatted(name, instant ? "timestamp_micros(%s)".formatted(literal) : literal)
            + (fraction ? " and %s < 'Infinity'".formatted(name) : "");
    return run.with(run.table().and(newer));
  }

  /**
   * Whether the table has none of the rows that {@link #only} asks for; false if it asks for all.
   *
   * @throws InvalidInputException if the table lacks the column
   */
  public static boolean none(Run run) {
    if (run.place(THAN).isEmpty()) {
      return false;
    }
    TableInput newer = run.table().open(run.spark(), column -> false);
    return newer.reading(() -> newer.rows().isEmpty());
  }
}
