package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model transforms a stream as it does a table. */
class StreamTest {

  private final SparkSession spark = LocalSpark.session();
  private final Dataset<Row> pets = PetsTable.make(spark).cache();

  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Files with the rows of a predicate arrive. */
  private void arrive(Dataset<Row> rows, String which, int files) {
    rows.where(which).repartition(files).write().mode(SaveMode.Append).parquet(path("arriving"));
  }

  /** Starts the query, from its checkpoint if it has one, and takes all that has arrived. */
  private void run(RealNVPModel model) throws TimeoutException, StreamingQueryException {
    model
        .transform(
            spark
                .readStream()
                .schema(spark.read().parquet(path("arriving")).schema())
                .option("maxFilesPerTrigger", 2)
                .parquet(path("arriving")))
        .writeStream()
        .option("checkpointLocation", path("checkpoint"))
        .trigger(Trigger.AvailableNow())
        .start(path("scores"))
        .awaitTermination();
  }

  private List<Row> scores() {
    return spark.read().parquet(path("scores")).orderBy("id").collectAsList();
  }

  /** Bit for bit, although the rows come in other batches, and each of them once. */
  private void followsTheTable(RealNVPModel model) throws Exception {
    arrive(pets, "id % 7 < 3", 3);
    run(model);
    long first = spark.read().parquet(path("scores")).count();
    assertThat(first).isEqualTo(pets.where("id % 7 < 3").count());

    arrive(pets, "id % 7 >= 3 and id % 7 < 5", 1);
    arrive(pets, "id % 7 >= 5", 4);
    run(model);
    run(model);
    assertThat(scores()).isEqualTo(model.transform(pets).orderBy("id").collectAsList());
  }

  @Test
  void followsTheTableWithClasses() throws Exception {
    followsTheTable(
        PetsTable.quick()
            .setHidden(64, 64)
            .setContextCol("label")
            .fit(pets)
            .setExplanationCol("why"));
  }

  @Test
  void followsTheTableGivenNumbers() throws Exception {
    Dataset<Row> given = pets.withColumn("given", expr("array(double(w), double(label))"));
    RealNVPModel model = PetsTable.quick().setContextCol("given").fit(given);
    Dataset<Row> arriving = given.drop("w");
    arriving.repartition(2).write().parquet(path("arriving"));
    run(model);
    assertThat(scores()).isEqualTo(model.transform(arriving).orderBy("id").collectAsList());
  }

  @Test
  void aRowThatIsNotValidIsLeftOutOrStopsTheQuery() throws Exception {
    RealNVPModel model = PetsTable.quick().fit(pets);
    Dataset<Row> damaged =
        pets.withColumn("v", expr("if(id = 3, array(v[0], double('NaN'), v[2]), v)"));
    arrive(damaged, "id < 10", 1);
    assertThatThrownBy(() -> run(model))
        .isInstanceOf(StreamingQueryException.class)
        .hasStackTraceContaining(
            "Column 'v' holds null, NaN or infinite values: set handleInvalid");
    run(model.setHandleInvalid("skip"));
    assertThat(scores()).extracting(row -> row.getLong(0)).hasSize(9).doesNotContain(3L);
  }
}
