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
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One table, in more and more files, on one cluster after the other: one model. */
@ExtendWith(LocalSpark.class)
@Tag("nightly")
class RowOrderIT {

  @TempDir private Path temp;

  private String train(String master, String table) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("realnvp.home"), "submit", "train-flow.sh").toString());
    command.addAll(List.of("--master", master, "--input", table, "--output", "flow-" + table));
    for (String setting :
        List.of(
            "train.workers=2",
            "flow.couplings=2",
            "flow.hidden=[8]",
            "flow.epochs=2",
            "flow.validation=0.2")) {
      command.addAll(List.of("--set", setting));
    }
    ScriptRun run = ScriptRun.of(temp, Map.of(), command);
    assertThat(run.code()).as(run.err()).isZero();
    return Manifest.fromJson(Files.readString(temp.resolve("flow-" + table + "/manifest.json")))
        .id();
  }

  @Test
  void oneModelOnAllClusters(SparkSession spark) throws IOException {
    String[] masters = {"local[1]", "local[2]", "local[8]", "local-cluster[2,1,2048]"};
    int[] files = {1, 7, 200, 7};
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < masters.length; i++) {
      String table = "table-" + i;
      Layouts.write(
          spark.sql(
              "select int(id % 3) label, array(1e4 + randn(1), randn(2), randn(3)) embedding"
                  + " from range(0, 20000, 1, 1)"),
          files[i],
          temp.resolve(table).toString());
      ids.add(train(masters[i], table));
    }
    assertThat(ids).containsOnly(ids.get(0));
  }
}
