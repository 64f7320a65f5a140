package dev.realnvp.spark.sql;

import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowTransform;
import dev.realnvp.spark.inference.FlowTransform.Invalid;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.ScoreColumns;
import dev.realnvp.spark.table.BatchTransform.Mapper;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.runtime.AbstractFunction1;

/**
 * What a flow says of a row of a query, of one or of a batch: the same bits. For one thread at a
 * time, but for {@link #apply}.
 */
final class FlowFunction extends AbstractFunction1<Object, Object> implements Serializable {

  private static final long serialVersionUID = 1;

  private static final List<String> SCORES =
      List.of("log_prob", "anomaly_score", "anomaly", "predicted_label", "predicted_probability");

  private final List<Object> identity;
  private final RowInput input;
  private final FlowTransform flow;
  private final DataType type;
  private transient Mapper mapper;

  private FlowFunction(List<Object> identity, RowInput input, FlowTransform flow, DataType type) {
    this.identity = identity;
    this.input = input;
    this.flow = flow;
    this.type = type;
  }

  /** The columns of scores/ that SQL has, and the class's name if classes have names. */
  static FlowFunction score(QueryFlow flow, StructType row) {
    RowInput input = RowInput.of(flow, row);
    double rate = Defaults.resolved().getDouble("score.false-alarm-rate");
    List<Output> outputs = new ArrayList<>();
    new ScoreColumns(
            flow.stored()
                .calibration()
                .map(known -> known.detector(input.knownErrors(), rate))
                .orElse(null),
            0)
        .ofScores().stream()
            .filter(output -> SCORES.contains(output.field().name()))
            .sorted((a, b) -> SCORES.indexOf(a.field().name()) - SCORES.indexOf(b.field().name()))
            .forEach(outputs::add);
    List<String> names = FlowModel.names(flow.stored()).names();
    if (!names.isEmpty()) {
      outputs.add(
          Output.of(
              "predicted_label_name",
              StringType,
              "the name of predicted_label",
              (batch, i) ->
                  batch.scores().isFinite(i)
                      ? names.get(batch.scores().mostLikelyClass(i))
                      : null));
    }
    return of("score", flow, input, outputs, FlowTransform.append(new StructType(), outputs));
  }

  /**
   * Explanations of all rows, as of scores/.
   *
   * @param count how many features one names at most
   */
  static FlowFunction explain(QueryFlow flow, StructType row, int count) {
    RowInput input = RowInput.of(flow, row);
    Output output =
        Explanations.column(
            Explanations.COLUMN, count, FlowModel.features(flow.stored(), "").featureNames());
    return of("explain " + count, flow, input, List.of(output), output.field().dataType());
  }

  private static FlowFunction of(
      String what, QueryFlow flow, RowInput input, List<Output> outputs, DataType type) {
    return new FlowFunction(
        List.of(what, flow.model().id(), input),
        input,
        // A row without a finite density is scored like the others.
        new FlowTransform(
            flow.model(),
            flow.prior(),
            flow.stored().temperature(),
            "features",
            "context",
            Invalid.SCORE,
            outputs),
        type);
  }

  DataType type() {
    return type;
  }

  int rowsAtOnce() {
    return flow.rowsAtOnce(Defaults.resolved().getInt("inference.batch"));
  }

  /** What the flow says of some rows, null of null. */
  Object[] of(List<Row> rows) {
    if (mapper == null) {
      mapper = flow.mapper();
    }
    List<Row> inputs = rows.stream().filter(row -> row != null).map(input::read).toList();
    Object[][] values = inputs.isEmpty() ? new Object[0][] : mapper.of(inputs);
    Object[] all = new Object[rows.size()];
    for (int i = 0, next = 0; i < all.length; i++) {
      if (rows.get(i) != null) {
        Object[] of = values[next++];
        all[i] = type instanceof StructType ? RowFactory.create(of) : of[0];
      }
    }
    return all;
  }

  @Override
  public synchronized Object apply(Object row) {
    return of(Stream.of(row).map(Row.class::cast).toList())[0];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowFunction function && function.identity.equals(identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }
}
