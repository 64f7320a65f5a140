package dev.realnvp.spark.flow;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.realnvp.model.EpochStats;
import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.flow.FlowTraining.TrainedFlow;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** What becomes of a flow that is trained. */
class FlowTrainingTest {

  private final SparkSession spark = LocalSpark.session();

  /** Whether the table can no longer be read; tasks of the tests' Spark are of this process. */
  private static final AtomicBoolean GONE = new AtomicBoolean();

  @Test
  void aCalibrationThatFailsLosesNoTraining() {
    UDF1<Long, Float> readable =
        id -> {
          if (GONE.get()) {
            throw new IllegalStateException("the disk is gone");
          }
          return id % 7f;
        };
    EmbeddingTable table =
        Embeddings.of(
            spark
                .range(0, 200, 1, 2)
                .withColumn("x", udf(readable, DataTypes.FloatType).apply(col("id")))
                .selectExpr("id", "array(x, float(id % 5)) v", "double(id) reconstruction_error"),
            EmbeddingQuery.of("v", InvalidRows.REFUSE),
            "");
    List<String> said = new ArrayList<>();
    FlowListener listener =
        new FlowListener() {
          @Override
          public void epochDone(EpochStats epoch) {
            GONE.set(true);
          }

          @Override
          public void notCalibrated(String reason) {
            said.add(reason);
          }
        };
    TrainedFlow trained;
    try {
      trained = FlowTraining.of(spark, table, settings()).run(listener, null);
    } finally {
      GONE.set(false);
    }
    assertThat(trained.history()).hasSize(1);
    assertThat(trained.calibration()).isEmpty();
    assertThat(said).singleElement().asString().contains("the disk is gone").hasLineCount(1);
  }

  private static FlowSettings settings() {
    Config small = ConfigFactory.parseString("flow { couplings = 2, hidden = [8] }");
    return FlowSettings.of(small.withFallback(Defaults.resolved()), 0, FlowSettingsTest.PLAN);
  }
}
