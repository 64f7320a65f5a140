package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.Vectors;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table of embeddings whose three classes have names, and a small flow of it. Tests sample it,
 * each into folders of its own. {@link SharedRuns} gives it.
 */
record PetsRun(SparkSession spark, Path folder, StoredModel model) {

  static final int FEATURES = 3;

  static PetsRun make(SparkSession spark, Path folder) throws IOException {
    spark
        .sql(
            "select id, if(id % 4 = 0, 'test', 'train') split,"
                + " array('cat', 'dog', 'fox')[id % 3] label,"
                + " array(10 * randn(1), randn(2) + id % 3, 5 + randn(3)) embedding"
                + " from range(0, 600, 1, 2)")
        .write()
        .parquet(folder.resolve("embeddings").toString());
    new TrainFlow().run(spark, settings(folder));
    StoredModel model =
        ModelDirectory.read(new Configuration(), folder.resolve("flow").toString(), FlowModel.KIND);
    return new PetsRun(spark, folder, model);
  }

  Config settings(String... more) {
    return settings(folder, more);
  }

  private static Config settings(Path folder, String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of("flow.epochs=2", "flow.hidden=[16]", "flow.couplings=3"), Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", folder.toString()));
  }

  /** Writes samples into a folder of this name, and reads them, in the order of their ids. */
  List<Row> sample(String output, String... more) throws IOException {
    String[] sets =
        Stream.concat(Stream.of(more), Stream.of("paths.samples=" + folder.resolve(output)))
            .toArray(String[]::new);
    new Sample().run(spark, settings(sets));
    return rows(spark.read().parquet(folder.resolve(output) + "/*.parquet"));
  }

  static List<Row> rows(Dataset<Row> samples) {
    return samples.orderBy("id").collectAsList();
  }

  static float[] values(Row row) {
    return Vectors.floats(row.getList(row.fieldIndex("embedding")));
  }
}
