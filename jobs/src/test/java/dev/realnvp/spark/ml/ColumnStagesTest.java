package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.jobs.TableJobs;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages on columns of numbers, strings and booleans, with holes. */
class ColumnStagesTest {

  private static final List<String> COLUMNS = List.of("price", "discount", "kind", "paid");

  @TempDir static Path folder;

  private static final SparkSession spark = LocalSpark.session();
  private static Dataset<Row> orders;
  private static RealNVPModel model;

  @BeforeAll
  static void fit() {
    spark
        .sql(
            "select id, exp(randn(1) + id % 2) price, if(id % 3 = 0, 0, if(id % 20 = 1, null, exp(randn(2)))) discount,"
                + " if(id = 7, null, array('book', 'lamp')[id % 2]) kind, if(id = 7, null, id % 5 = 0) paid"
                + " from range(0, 1000, 1, 2)")
        .write()
        .parquet(path("orders"));
    orders = spark.read().parquet(path("orders"));
    model = estimator().fit(orders);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static RealNVP estimator() {
    return new RealNVP()
        .setFeaturesCols("price, discount,kind,paid")
        .setColumnKinds("auto")
        .setHidden(8)
        .setCouplings(2)
        .setMaxEpochs(2);
  }

  @Test
  void theModelIsThatOfTheJob() throws IOException {
    String id =
        TableJobs.train(
            folder,
            "job",
            "paths.embeddings=" + path("orders"),
            "table.features-cols=price,discount,kind,paid",
            "table.column-kinds=auto",
            "table.hold-out=0",
            "flow.hidden=[8]",
            "flow.couplings=2",
            "flow.epochs=2");
    assertThat(model.manifest().id()).isEqualTo(id);
    assertThat(estimator().setFeaturesCols("*").fit(orders).manifest().id()).isEqualTo(id);
    assertThat(rows(RealNVPModel.load(path("job/flow")))).isEqualTo(rows(model));
  }

  private static List<Row> rows(RealNVPModel of) {
    return of.transform(orders).select("id", "logProb").orderBy("id").collectAsList();
  }

  @Test
  void savedModelsStreamsAndPlainProgramsGiveTheSameDensities() throws Exception {
    model.write().save(path("saved"));
    RealNVPModel loaded = RealNVPModel.load(path("saved"));
    assertThat(rows(loaded)).isEqualTo(rows(model));
    StreamingQuery query =
        loaded
            .transform(spark.readStream().schema(orders.schema()).parquet(path("orders")))
            .select("id", "logProb")
            .writeStream()
            .option("checkpointLocation", path("checkpoint"))
            .trigger(Trigger.AvailableNow())
            .format("parquet")
            .start(path("stream"));
    query.awaitTermination();
    assertThat(spark.read().parquet(path("stream")).orderBy("id").collectAsList())
        .isEqualTo(rows(model));
    RealNVPFlow plain = RealNVPFlow.load(folder.resolve("saved"));
    for (Row row : model.transform(orders).where("id < 30").collectAsList()) {
      Map<String, Object> columns = new HashMap<>();
      COLUMNS.forEach(name -> columns.put(name, row.getAs(name)));
      assertThat(plain.logProb(new float[][] {plain.encode(columns)})[0])
          .isCloseTo(row.<Double>getAs("logProb"), within(1e-4));
    }
  }

  @Test
  void columnsAreCheckedBeforeAnyWork() {
    assertThatThrownBy(() -> model.transform(orders.drop("kind")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no column 'kind'");
    assertThatThrownBy(() -> estimator().setFeaturesCols("price,size").fit(orders))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no column 'size'");
    assertThatThrownBy(() -> estimator().setColumnKinds("kind=heavy").fit(orders))
        .hasMessageContaining("columnKinds: got 'kind=heavy', expected auto, none, or COLUMN=KIND");
    assertThatThrownBy(() -> estimator().setFeaturesCols("").fit(orders))
        .hasMessageContaining("No column 'features'");
    assertThatThrownBy(() -> estimator().copy(new ParamMap()).setColumnKinds("none").fit(orders))
        .hasMessageContaining("null, NaN or infinite");
  }
}
