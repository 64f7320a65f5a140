package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;

/**
 * Which rows of a table without splits are held out of the training: a share p, by their content,
 * whatever the files, their order, and the cores.
 *
 * <p>A hash of the content is the row's place in [0, 1): those below p are held out. With many
 * copies that would be a share of the distinct rows. So there the ids are part of the content;
 * without ids, {@code floor(c p + 1 - place)} of c equal rows are held out.
 *
 * @param share p, at least 0 and below 1
 * @param copies whether the table has many copies; empty if that is to be seen
 */
public record HoldOut(double share, Optional<Boolean> copies) {

  private static final long PLACES = 1_000_000;

  /**
   * Whether places part a table badly: a twentieth of the rows are copies, which is five standard
   * errors of {@link #distinct}, or the share that is held out is five of its own from p.
   */
  static boolean hasManyCopies(long rows, long distinct, long held, double share) {
    return rows - distinct > 0.05 * rows
        || Math.abs(held - share * rows) > 5 * Math.sqrt(share * (1 - share) * rows);
  }

  /** About how many distinct values there are. */
  static Column distinct(Column values) {
    return approx_count_distinct(values, 0.01);
  }

  /**
   * The split of each row.
   *
   * @param rows if there are many copies and no ids, rows of equal content are sorted by all of
   *     these columns, so that the same ones are held out each time
   * @param content a hash of it
   */
  static Column split(
      Dataset<Row> rows, boolean copies, double share, Column content, Column... ids) {
    Column[] all =
        Arrays.stream(rows.schema().fields())
            .map(field -> hashable(Schemas.column(field.name()), field.dataType()))
            .toArray(Column[]::new);
    Column hash =
        copies && ids.length > 0
            ? TableStatistics.hash(
                Stream.concat(Stream.of(content), Stream.of(ids)).toArray(Column[]::new))
            : content;
    Column copy =
        copies && ids.length == 0
            ? row_number().over(Window.partitionBy(content).orderBy(TableStatistics.hash(all)))
            : lit(1);
    // Of c equal rows, counted from 1, those at which the number to hold out grows.
    long held = Math.round(share * PLACES);
    Column sum = copy.cast("long").multiply(held).plus(PLACES - 1).minus(pmod(hash, lit(PLACES)));
    return when(pmod(sum, lit(PLACES)).lt(held), Split.TEST).otherwise(Split.TRAIN);
  }

  /** A column of any type, as Spark can hash it: it hashes no maps. */
  static Column hashable(Column value, DataType type) {
    return type.existsRecursively(MapType.class::isInstance) ? to_json(struct(value)) : value;
  }
}
