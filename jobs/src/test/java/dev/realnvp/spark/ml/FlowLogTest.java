package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** What a training says in the log. */
class FlowLogTest {

  private final SparkSession spark = LocalSpark.session();

  /** Keeps what is logged. */
  private static final class Lines extends AbstractAppender {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Lines() {
      super("lines", null, null, true, Property.EMPTY_ARRAY);
      start();
    }

    @Override
    public void append(LogEvent event) {
      lines.add(event.getMessage().getFormattedMessage());
    }
  }

  private static List<String> logged(RealNVP estimator, Dataset<Row> table) {
    LoggerContext context = LoggerContext.getContext(false);
    String name = RealNVP.class.getName();
    LoggerConfig logger = new LoggerConfig(name, Level.INFO, false);
    Lines appender = new Lines();
    logger.addAppender(appender, Level.INFO, null);
    context.getConfiguration().addLogger(name, logger);
    context.updateLoggers();
    try {
      estimator.fit(table);
    } finally {
      context.getConfiguration().removeLogger(name);
      context.updateLoggers();
    }
    return appender.lines;
  }

  @Test
  void whereNoRowsAreHeldOutNothingIsSaidOfAValidation() {
    Dataset<Row> pets = PetsTable.make(spark);
    assertThat(logged(PetsTable.quick(), pets))
        .anyMatch(
            line -> line.matches("epoch 2 of 2: loss -?\\d+\\.\\d+ nats, \\d+ rows per second"))
        .noneMatch(line -> line.contains("validation"));
    assertThat(logged(PetsTable.quick().setValidationIndicatorCol("held"), pets))
        .anyMatch(
            line ->
                line.matches(
                    "epoch 2 of 2: loss -?\\d+\\.\\d+, validation -?\\d+\\.\\d+ nats, \\d+ rows per second"));
  }

  /** In a pipeline, whose stages are copied, too. */
  @Test
  void theListenerIsToldOfEachEpoch() {
    Dataset<Row> pets = PetsTable.make(spark);
    List<double[]> told = new ArrayList<>();
    RealNVP estimator =
        PetsTable.quick()
            .setValidationIndicatorCol("held")
            .setListener(
                (epoch, loss, validation, rowsPerSecond) ->
                    told.add(new double[] {epoch, loss, validation, rowsPerSecond}));
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {estimator}).copy(ParamMap.empty()).fit(pets);
    RealNVPSummary summary = ((RealNVPModel) model.stages()[0]).summary();
    assertThat(told).hasSize(2).allMatch(epoch -> epoch[3] > 0);
    for (int i = 0; i < 2; i++) {
      assertThat(told.get(i))
          .startsWith(i + 1, summary.trainLosses()[i], summary.validationLosses()[i]);
    }
  }

  /** A listener is of the program that set it. */
  @Test
  void aStageThatWasSerializedSaysThatItTellsNobody() {
    Dataset<Row> pets = PetsTable.make(spark);
    List<Integer> told = new ArrayList<>();
    RealNVP estimator =
        PetsTable.quick().setListener((epoch, loss, validation, rowsPerSecond) -> told.add(epoch));
    assertThat(logged(SerializationUtils.clone(estimator).copy(ParamMap.empty()), pets))
        .anyMatch(line -> line.startsWith("no listener is told"))
        .anyMatch(line -> line.startsWith("epoch 2 of 2: "));
    assertThat(told).isEmpty();
  }
}
