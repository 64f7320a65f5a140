package dev.realnvp.spark.sql;

import dev.realnvp.spark.sql.ScoredPartition.Call;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Has functions of flows applied to batches: below a step of a plan that applies some comes one
 * that computes them, and the step takes their values from there. All steps are Spark's own: one
 * that makes a row a struct, {@link MapPartitions}, and one that takes it apart again, so that
 * columns keep their ids. Where that cannot be, as in the condition of a join, Spark applies the
 * functions to one row after the other.
 */
final class ScoreInBatches extends Rule<LogicalPlan> {

  /** A function's application, and where its value is. */
  private record Scored(ScalaUDF function, Attribute value) {}

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    LogicalPlan step = plan.mapChildren(this::apply);
    boolean fits =
        step instanceof Project
            || step instanceof Filter
            || step instanceof Aggregate
            || step instanceof Sort
            || step instanceof Window
            || step instanceof Generate;
    if (!fits) {
      return step;
    }
    LogicalPlan child = step.children().apply(0);
    List<Scored> all = new ArrayList<>();
    for (Expression expression : Plans.<Expression>list(step.expressions())) {
      collect(expression, child, !(step instanceof Aggregate), all);
    }
    if (all.isEmpty()) {
      return step;
    }
    if (step instanceof Filter filter) {
      return filtered(filter, all);
    }
    LogicalPlan replaced = step.mapExpressions(e -> replaced(e, !(step instanceof Aggregate), all));
    boolean narrow = step instanceof Project || step instanceof Aggregate;
    LogicalPlan scored = scored(child, narrow ? replaced : null, all);
    LogicalPlan over = replaced.withNewChildren(Plans.seq(List.of(scored)));
    return narrow ? over : new Project(Plans.seq(Plans.list(step.output())), over);
  }

  /** Rows that the other conditions leave out are not scored. */
  private static LogicalPlan filtered(Filter filter, List<Scored> all) {
    List<Expression> first = new ArrayList<>();
    List<Expression> then = new ArrayList<>();
    for (Expression condition : conditions(filter.condition())) {
      Expression replaced = replaced(condition, true, all);
      (replaced.fastEquals(condition) && condition.deterministic() ? first : then).add(replaced);
    }
    LogicalPlan child =
        first.stream()
            .reduce(And::new)
            .map(condition -> (LogicalPlan) new Filter(condition, filter.child()))
            .orElse(filter.child());
    return new Project(
        Plans.seq(Plans.list(filter.output())),
        new Filter(then.stream().reduce(And::new).orElseThrow(), scored(child, null, all)));
  }

  private static List<Expression> conditions(Expression condition) {
    if (!(condition instanceof And and)) {
      return List.of(condition);
    }
    List<Expression> both = new ArrayList<>(conditions(and.left()));
    both.addAll(conditions(and.right()));
    return both;
  }

  /**
   * Finds the functions of a step that are applied to rows of its child.
   *
   * @param ofRows whether the expression is of these rows: an aggregation's is of groups, up to its
   *     aggregates
   */
  private static void collect(
      Expression expression, LogicalPlan child, boolean ofRows, List<Scored> found) {
    if (expression instanceof LambdaFunction) {
      return;
    }
    if (ofRows
        && expression instanceof ScalaUDF udf
        && udf.function() instanceof FlowFunction
        && udf.references().subsetOf(child.outputSet())
        && !udf.exists(e -> e instanceof AggregateExpression || e instanceof WindowExpression)) {
      if (find(udf, found) == null) {
        found.add(new Scored(udf, attribute("scored", udf.dataType(), true)));
      }
      return;
    }
    for (Expression below : Plans.<Expression>list(expression.children())) {
      collect(below, child, ofRows || expression instanceof AggregateExpression, found);
    }
  }

  private static Attribute find(Expression expression, List<Scored> all) {
    for (Scored scored : all) {
      if (scored.function == expression || scored.function.semanticEquals(expression)) {
        return scored.value;
      }
    }
    return null;
  }

  private static Expression replaced(Expression expression, boolean ofRows, List<Scored> all) {
    Attribute value = ofRows && expression instanceof ScalaUDF ? find(expression, all) : null;
    return value != null
        ? value
        : expression.mapChildren(
            e -> replaced(e, ofRows || expression instanceof AggregateExpression, all));
  }

  /**
   * A plan's rows with the values of functions behind them.
   *
   * @param reader which reads no columns but these; null to keep all
   */
  private static LogicalPlan scored(LogicalPlan child, LogicalPlan reader, List<Scored> all) {
    List<Attribute> kept =
        Plans.<Attribute>list(child.output()).stream()
            .filter(column -> reader == null || reader.references().contains(column))
            .toList();
    List<Expression> fields = new ArrayList<>();
    StructType type = new StructType();
    for (Attribute column : kept) {
      type = add(type, fields, column);
    }
    List<Call> calls = new ArrayList<>();
    for (Scored scored : all) {
      Expression argument = scored.function.children().apply(0);
      calls.add(
          new Call(
              (FlowFunction) scored.function.function(),
              type.length(),
              (StructType) argument.dataType()));
      type = add(type, fields, argument);
    }
    int values = type.length();
    for (Scored scored : all) {
      type = type.add("_" + type.length(), scored.value.dataType(), true);
    }
    Attribute rows = attribute("rows", type, false);
    List<NamedExpression> columns = new ArrayList<>();
    for (int i = 0; i < kept.size(); i++) {
      columns.add(field(rows, i, kept.get(i)));
    }
    for (int j = 0; j < all.size(); j++) {
      columns.add(field(rows, values + j, all.get(j).value));
    }
    NamedExpression row =
        alias(
            new CreateNamedStruct(Plans.seq(fields)),
            "row",
            NamedExpression$.MODULE$.newExprId(),
            Metadata.empty());
    return new Project(
        Plans.seq(columns),
        new MapPartitions(
            new ScoredPartition(calls), rows, new Project(Plans.seq(List.of(row)), child)));
  }

  private static StructType add(StructType type, List<Expression> fields, Expression field) {
    String name = "_" + type.length();
    fields.add(Literal$.MODULE$.apply(name));
    fields.add(field);
    return type.add(name, field.dataType(), field.nullable());
  }

  private static NamedExpression field(Attribute rows, int at, Attribute as) {
    return alias(
        new GetStructField(rows, at, Option.empty()), as.name(), as.exprId(), as.metadata());
  }

  private static NamedExpression alias(
      Expression value, String name, ExprId id, Metadata metadata) {
    return new Alias(
        value, name, id, Plans.seq(List.of()), Option.apply(metadata), Plans.seq(List.of()));
  }

  private static Attribute attribute(
      String name, org.apache.spark.sql.types.DataType type, boolean nullable) {
    return new AttributeReference(
        name,
        type,
        nullable,
        Metadata.empty(),
        NamedExpression$.MODULE$.newExprId(),
        Plans.seq(List.of()));
  }
}
