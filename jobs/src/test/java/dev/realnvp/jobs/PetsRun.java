package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.spark.Vectors;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table of embeddings whose three classes have names, and a small flow of it. Tests sample it,
 * each into folders of its own. {@link SharedRuns} gives it.
 *
 * @param runs in the run's own folder
 */
record PetsRun(Runs runs, StoredModel model) {

  static final int FEATURES = 3;

  static PetsRun make(Path folder) throws IOException {
    Runs runs = Runs.in(folder, "flow.epochs=2", "flow.hidden=[16]", "flow.couplings=3");
    runs.write(
        "embeddings",
        "select id, if(id % 4 = 0, 'test', 'train') split,"
            + " array('cat', 'dog', 'fox')[id % 3] label,"
            + " array(10 * randn(1), randn(2) + id % 3, 5 + randn(3)) embedding"
            + " from range(0, 600, 1, 2)");
    runs.train("");
    return new PetsRun(runs, runs.flow(""));
  }

  SparkSession spark() {
    return runs.spark();
  }

  Path folder() {
    return runs.folder();
  }

  Config settings(String... more) {
    return runs.settings("", more);
  }

  Dataset<Row> table(String name) {
    return runs.table(name);
  }

  /** Writes samples into a folder of this name, and reads them, in the order of their ids. */
  List<Row> sample(String output, String... more) throws IOException {
    runs.run(
        new Sample(),
        "",
        Stream.concat(Stream.of(more), Stream.of("paths.samples=" + runs.path(output)))
            .toArray(String[]::new));
    return rows(table(output));
  }

  static List<Row> rows(Dataset<Row> samples) {
    return samples.orderBy("id").collectAsList();
  }

  static float[] values(Row row) {
    return Vectors.floats(row.getList(row.fieldIndex("embedding")));
  }
}
