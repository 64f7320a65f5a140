package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.DoubleType;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.BatchTransform;
import dev.realnvp.spark.table.Embeddings;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** How exactly a flow inverts itself. */
public final class RoundTrip {

  private RoundTrip() {}

  /**
   * The greatest {@code |inverse(forward(x)) - x|} over all rows and features.
   *
   * @param embeddings for a flow that is conditioned on numbers, with these behind the features; a
   *     row without a label that the flow knows goes through its likeliest class
   * @param prior a weight per class; none for a flow that is conditioned on numbers
   * @param batch rows of a batch
   */
  public static double greatestError(
      Dataset<Row> embeddings, Broadcast<SharedModel> flow, double[] prior, int batch) {
    RealNVP network = RealNVP.of(flow.value().network());
    int classes = Math.min(network.context(), prior.length);
    int width = classes > 0 ? 0 : network.context();
    Column[] inputs = FlowScorer.inputs(width > 0 ? network.features() : 0);
    return BatchTransform.append(
            embeddings.select(col("label"), inputs[0].as("features"), inputs[1].as("context")),
            0,
            new StructType().add("value", DoubleType),
            Math.min(batch, ClassMixture.rowsAtOnce(classes)),
            () -> {
              FlowEngine density = FlowEngine.of(RealNVP.of(flow.value().network()));
              VectorColumn x = new VectorColumn(Embeddings.COLUMN, "features", density.features());
              VectorColumn numbers = new VectorColumn(Embeddings.COLUMN, "numbers", width);
              return rows ->
                  column(
                      density.roundTripErrors(
                          x.matrix(rows, 1),
                          classes > 0
                              ? classes(rows, x.matrix(rows, 1), flow.value(), prior)
                              : width > 0
                                  ? new Context.Values(numbers.matrix(rows, 2), width)
                                  : Context.NONE,
                          rows.size()));
            })
        .agg(functions.max("value"))
        .first()
        .getDouble(0);
  }

  private static Context classes(List<Row> rows, float[] x, SharedModel model, double[] prior) {
    Predicate<Row> known = row -> !row.isNullAt(0) && row.getInt(0) < prior.length;
    ClassMixture.Scores scores =
        rows.stream().allMatch(known)
            ? null
            : new ClassMixture(RealNVP.of(model.network()), prior)
                .score(x, Context.NONE, rows.size());
    IntUnaryOperator label =
        i -> known.test(rows.get(i)) ? rows.get(i).getInt(0) : scores.mostLikelyClass(i);
    return new Context.Classes(IntStream.range(0, rows.size()).map(label).toArray(), prior.length);
  }

  /** A row's one value each. */
  private static Object[][] column(double[] values) {
    return Arrays.stream(values).mapToObj(value -> new Object[] {value}).toArray(Object[][]::new);
  }
}
