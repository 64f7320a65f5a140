package dev.realnvp.spark.sql;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowSampler;
import dev.realnvp.spark.inference.SampleCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.Option;
import scala.Tuple3;
import scala.collection.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Functions for every client of a session with {@code
 * spark.sql.extensions=dev.realnvp.spark.sql.RealNVPExtensions}.
 *
 * <ul>
 *   <li>{@code flow_score(model, row)}: a struct of columns of scores/: {@code log_prob} in nats,
 *       {@code anomaly_score}, {@code anomaly}, {@code predicted_label}, {@code
 *       predicted_probability}, and {@code predicted_label_name} if classes have names; the same
 *       bits as the job {@code score} writes.
 *   <li>{@code flow_explain(model, row, k)}: up to k features that make the row strange, as in the
 *       column {@code explanation}.
 *   <li>{@code flow_sample(model, n)} and {@code flow_sample(model, n, seed)}: a table of n samples
 *       of each class, as the job {@code sample} writes.
 * </ul>
 *
 * <p>The model is a literal, its folder; a query reads the version that was there when Spark
 * analysed it. The row is a struct, such as {@code struct(*)}, of which the columns are read that
 * the flow was trained on; or these columns; or an array of numbers or a vector. What is missing,
 * or of another type, is refused with an {@link InvalidInputException} in the analysis.
 */
public final class RealNVPExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // Spark 3.5 and 4 take another Seq of Scala's.
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    Tuple3 score =
        function(
            "flow_score",
            "(model, row) - log p(x) of a row in nats, whether it is an anomaly, its class",
            RealNVPExtensions::score);
    Tuple3 explain =
        function(
            "flow_explain",
            "(model, row, k) - up to k features that make the row strange",
            RealNVPExtensions::explain);
    Tuple3 sample =
        function(
            "flow_sample",
            "(model, n[, seed]) - n samples of each of the flow's classes",
            RealNVPExtensions::sample);
    extensions.injectFunction(score);
    extensions.injectFunction(explain);
    extensions.injectTableFunction(sample);
    extensions.injectPreCBORule(session -> new ScoreInBatches());
    return BoxedUnit.UNIT;
  }

  private static <T>
      Tuple3<FunctionIdentifier, ExpressionInfo, Function1<Seq<Expression>, T>> function(
          String name, String usage, Function<List<Expression>, T> function) {
    return new Tuple3<>(
        new FunctionIdentifier(name),
        new ExpressionInfo(
            RealNVPExtensions.class.getName(),
            null,
            name,
            "_FUNC_" + usage,
            "",
            "",
            "",
            "",
            "",
            "",
            ""),
        arguments -> function.apply(Plans.list(arguments)));
  }

  private static Expression score(List<Expression> arguments) {
    require(arguments.size() >= 2, "flow_score(model, row)", arguments);
    QueryFlow flow = flow("flow_score", arguments);
    Expression row = row(arguments.subList(1, arguments.size()));
    return applied("flow_score", FlowFunction.score(flow, (StructType) row.dataType()), row);
  }

  private static Expression explain(List<Expression> arguments) {
    int last = arguments.size() - 1;
    require(last >= 2, "flow_explain(model, row, k)", arguments);
    QueryFlow flow = flow("flow_explain", arguments);
    Expression row = row(arguments.subList(1, last));
    int count = (int) number("flow_explain", "k", 1, arguments.get(last));
    return applied(
        "flow_explain", FlowFunction.explain(flow, (StructType) row.dataType(), count), row);
  }

  private static LogicalPlan sample(List<Expression> arguments) {
    require(
        arguments.size() == 2 || arguments.size() == 3, "flow_sample(model, n[, seed])", arguments);
    QueryFlow flow = flow("flow_sample", arguments);
    FlowModel.requireClassesOrNone(flow.stored());
    int classes = RealNVP.of(flow.stored().network()).context();
    FlowSampler sampler =
        new FlowSampler(
            flow.model(),
            null,
            classes,
            arguments.size() == 3
                ? number("flow_sample", "seed", Long.MIN_VALUE, arguments.get(2))
                : Defaults.resolved().getLong("seed"),
            1,
            Defaults.resolved().getInt("inference.batch"));
    SparkSession spark = SparkSession.active();
    return FlowSampler.named(
            sampler.sample(
                spark,
                SampleCounts.same(
                    number("flow_sample", "n", 0, arguments.get(1)), Math.max(1, classes)),
                spark.sparkContext().defaultParallelism()),
            FlowModel.names(flow.stored()),
            FlowModel.features(flow.stored(), ""),
            name -> {})
        .drop("pixels")
        .queryExecution()
        .analyzed();
  }

  private static Expression applied(String name, FlowFunction function, Expression row) {
    return new ScalaUDF(
        function,
        function.type(),
        Plans.seq(List.of(row)),
        Plans.seq(List.of()),
        Option.empty(),
        Option.apply(name),
        true,
        true);
  }

  /** The struct that arguments are, or make. */
  private static Expression row(List<Expression> arguments) {
    if (arguments.size() == 1 && arguments.get(0).dataType() instanceof StructType) {
      return arguments.get(0);
    }
    List<Expression> fields = new ArrayList<>();
    for (Expression argument : arguments) {
      boolean named = argument instanceof NamedExpression;
      if (!named && arguments.size() > 1) {
        throw new InvalidInputException(
            "Column %s for a flow has no name: expected columns, or struct(... AS name)"
                .formatted(argument.sql()));
      }
      fields.add(Literal$.MODULE$.apply(named ? ((NamedExpression) argument).name() : "features"));
      fields.add(argument);
    }
    return new CreateNamedStruct(Plans.seq(fields));
  }

  private static QueryFlow flow(String function, List<Expression> arguments) {
    return QueryFlow.open(
        SparkSession.active(),
        literal(function, "model", "the folder of a flow", arguments.get(0)).toString());
  }

  private static long number(String function, String what, long least, Expression argument) {
    Object value = literal(function, what, "a whole number", argument);
    boolean whole = value instanceof Integer || value instanceof Long || value instanceof Short;
    if (!whole || ((Number) value).longValue() < least) {
      throw new InvalidInputException(
          "%s: got %s for %s, expected a whole number%s"
              .formatted(
                  function, value, what, least == Long.MIN_VALUE ? "" : " of at least " + least));
    }
    return ((Number) value).longValue();
  }

  private static Object literal(
      String function, String what, String expected, Expression argument) {
    Object value = argument.foldable() ? argument.eval(null) : null;
    if (value == null) {
      throw new InvalidInputException(
          "%s: got %s for %s, expected %s as a literal"
              .formatted(function, argument.sql(), what, expected));
    }
    return value;
  }

  private static void require(boolean fits, String usage, List<Expression> arguments) {
    if (!fits) {
      throw new InvalidInputException(
          "got %d arguments, expected %s".formatted(arguments.size(), usage));
    }
  }
}
