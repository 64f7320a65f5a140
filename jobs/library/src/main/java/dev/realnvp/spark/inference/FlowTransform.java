package dev.realnvp.spark.inference;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.Explainer;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.BatchTransform;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Appends to rows what a flow says of them: the same bits for a row whatever rows come with it, in
 * a table of any files and in a stream.
 *
 * @param model the flow's model
 * @param prior a weight per class, one weight for an unconditional flow; none for a flow that is
 *     conditioned on numbers
 * @param temperature of the posteriors
 * @param features how messages call the column of x
 * @param context the same of the numbers that the flow is conditioned on
 * @param invalid what to do with rows that have missing, NaN or infinite values there
 * @param outputs the columns to append
 */
public record FlowTransform(
    Broadcast<SharedModel> model,
    double[] prior,
    double temperature,
    String features,
    String context,
    Invalid invalid,
    List<Output> outputs)
    implements Serializable {

  public enum Invalid {
    REFUSE,
    SKIP,
    /** Score them like others: they have no finite density. */
    SCORE
  }

  /** A value of row i of a batch. */
  @FunctionalInterface
  public interface Value extends Serializable {

    Object of(Scored batch, int i);
  }

  /** The values of all rows of a batch. */
  @FunctionalInterface
  public interface Values extends Serializable {

    /** Takes them, {@code [N]}; each may be null. */
    Object[] of(Scored batch);
  }

  /** A column to append. */
  public record Output(StructField field, Values values) implements Serializable {

    /** A nullable column whose values are found at once. */
    public static Output ofBatch(String name, DataType type, String comment, Values values) {
      return new Output(
          new StructField(name, type, true, Metadata.empty()).withComment(comment), values);
    }

    /** A nullable column that has a value for each row. */
    public static Output of(String name, DataType type, String comment, Value value) {
      return ofBatch(
          name,
          type,
          comment,
          batch -> IntStream.range(0, batch.size()).mapToObj(i -> value.of(batch, i)).toArray());
    }

    /** The same column under another name. */
    Output as(String name) {
      return new Output(
          new StructField(name, field.dataType(), field.nullable(), field.metadata()), values);
    }
  }

  /** What a flow says of a batch of rows. */
  public static final class Scored {

    private final List<Row> rows;
    private final float[] x;
    private final Context.Values numbers;
    private final ClassMixture mixture;
    private final Explainer explainer;
    private final ClassMixture.Scores scores;
    private float[] z;

    private Scored(
        List<Row> rows,
        float[] x,
        Context.Values numbers,
        ClassMixture mixture,
        Explainer explainer) {
      this.rows = rows;
      this.x = x;
      this.numbers = numbers;
      this.mixture = mixture;
      this.explainer = explainer;
      this.scores = mixture.score(x, numbers, rows.size());
    }

    public int size() {
      return rows.size();
    }

    /** Row i, with the columns that are read. */
    public Row row(int i) {
      return rows.get(i);
    }

    /** The densities of all rows, and the posteriors of the classes. */
    public ClassMixture.Scores scores() {
      return scores;
    }

    /** z, the row in base space under its likeliest class or its numbers. */
    public double[] toLatent(int i) {
      if (z == null) {
        z = mixture.toLatent(x, numbers, scores);
      }
      int features = z.length / rows.size();
      double[] row = new double[features];
      for (int j = 0; j < features; j++) {
        row[j] = z[i * features + j];
      }
      return row;
    }

    /**
     * The repairs of some rows, all found at once.
     *
     * @param which rows, with a finite density
     * @param count how many repairs of a row at most
     * @return for each of them, the most important one first
     */
    public List<List<Explainer.Counterfactual>> repairs(int[] which, int count) {
      return explainer.explain(
          some(x, explainer.features(), which),
          new Context.Values(some(numbers.values(), numbers.width(), which), numbers.width()),
          which.length,
          count);
    }

    /** Some rows of an array of all. */
    private static float[] some(float[] all, int width, int[] which) {
      float[] some = new float[which.length * width];
      for (int i = 0; i < which.length; i++) {
        System.arraycopy(all, which[i] * width, some, i * width, width);
      }
      return some;
    }
  }

  /** A schema with the outputs at its end. */
  public static StructType append(StructType schema, Iterable<Output> outputs) {
    StructType appended = schema;
    for (Output output : outputs) {
      appended = appended.add(output.field());
    }
    return appended;
  }

  /**
   * Appends the outputs.
   *
   * @param rows with the columns that stay, then others, of which the last two are the features and
   *     the numbers to condition on
   * @param kept how many columns stay
   * @param schema of the result
   * @param batch rows of a batch, at least 1; of many classes it is fewer, so that their densities
   *     fit into memory
   */
  public Dataset<Row> append(Dataset<Row> rows, int kept, StructType schema, int batch) {
    return BatchTransform.append(rows, kept, schema, rowsAtOnce(batch), this::mapper);
  }

  /** How many rows of a batch are scored at once: of many classes fewer. */
  public int rowsAtOnce(int batch) {
    return Math.min(batch, ClassMixture.rowsAtOnce(prior.length));
  }

  /** Computes the outputs of rows whose last two columns are as {@link #append} takes them. */
  public BatchTransform.Mapper mapper() {
    RealNVP flow = RealNVP.of(model.value().network());
    ClassMixture mixture = ClassMixture.batchInvariant(flow, prior, temperature);
    Explainer explainer = new Explainer(flow, prior);
    VectorColumn x = new VectorColumn(features, "features", flow.features());
    VectorColumn numbers =
        new VectorColumn(context, "context values", prior.length == 0 ? flow.context() : 0);
    boolean kinds = flow.mixed().isPresent();
    return some -> values(mixture, explainer, x, numbers, kinds, some);
  }

  private Object[][] values(
      ClassMixture mixture,
      Explainer explainer,
      VectorColumn columnOfX,
      VectorColumn columnOfNumbers,
      boolean kinds,
      List<Row> rows) {
    int features = columnOfX.width();
    int context = columnOfNumbers.width();
    float[] x = new float[Math.multiplyExact(rows.size(), features)];
    float[] numbers = new float[Math.multiplyExact(rows.size(), context)];
    List<Row> valid = new ArrayList<>(rows.size());
    Object[][] values = new Object[rows.size()][];
    int[] places = new int[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      int at = row.size() - 2;
      int count = valid.size();
      // A flow that knows kinds of features takes what is missing.
      boolean finite = columnOfX.read(row, at, x, count * features) || kinds;
      if (context > 0) {
        finite &= columnOfNumbers.read(row, at + 1, numbers, count * context);
      }
      if (finite || invalid == Invalid.SCORE) {
        places[count] = i;
        valid.add(row);
      } else if (invalid == Invalid.REFUSE) {
        throw new InvalidInputException(
            ("Column '%s' holds null, NaN or infinite values:"
                    + " set handleInvalid to skip to leave such rows out")
                .formatted(
                    context == 0
                        ? columnOfX.name()
                        : columnOfX.name() + ", " + columnOfNumbers.name()));
      }
    }
    Scored scored =
        new Scored(
            valid,
            Arrays.copyOf(x, valid.size() * features),
            new Context.Values(Arrays.copyOf(numbers, valid.size() * context), context),
            mixture,
            explainer);
    for (int i = 0; i < valid.size(); i++) {
      values[places[i]] = new Object[outputs.size()];
    }
    for (int j = 0; j < outputs.size(); j++) {
      Object[] column = outputs.get(j).values().of(scored);
      for (int i = 0; i < column.length; i++) {
        values[places[i]][j] = column[i];
      }
    }
    return values;
  }
}
