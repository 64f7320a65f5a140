package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One table, in more and more files, on one cluster after the other: one model. */
@Tag("nightly")
class RowOrderIT {

  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path temp;

  @Test
  void oneModelOnAllClusters() throws IOException {
    String[] masters = {"local[1]", "local[2]", "local[8]", "local-cluster[2,1,2048]"};
    int[] files = {1, 7, 200, 7};
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < masters.length; i++) {
      Layouts.write(
          spark.sql(
              "select int(id % 3) label, array(1e4 + randn(1), randn(2), randn(3)) embedding"
                  + " from range(0, 20000, 1, 1)"),
          files[i],
          temp.resolve("table-" + i).toString());
      ScriptRun.job(
              temp,
              "train-flow.sh",
              List.of("--master", masters[i], "--input", "table-" + i, "--output", "flow-" + i),
              SmallTable.SMALL_FLOW,
              ScriptRun.each("--set", "train.workers=2", "flow.validation=0.2"))
          .done();
      ids.add(
          Manifest.fromJson(Files.readString(temp.resolve("flow-" + i + "/manifest.json"))).id());
    }
    assertThat(ids).containsOnly(ids.get(0));
  }
}
