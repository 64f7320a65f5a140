package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial's two commands, as they stand there, on a table with strange rows among others. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class TutorialTest {

  private static final int ROWS = 1000;
  private static final int STRANGE = 5;

  /** Enough for two features. */
  private static final List<String> SMALL =
      List.of(
          "--set", "flow.couplings=4",
          "--set", "flow.hidden=[16]",
          "--set", "flow.epochs=10",
          "--set", "flow.batch=20",
          "--set", "flow.learning-rate=5e-3");

  private final SparkSession spark;

  @TempDir private Path folder;

  TutorialTest(SparkSession spark) {
    this.spark = spark;
  }

  /** Two features that nearly agree; in the first rows they have the usual sizes, but do not. */
  private void writeTable(Path table) {
    Random random = new Random(3);
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < ROWS; id++) {
      double size = random.nextGaussian();
      double other = id < STRANGE ? -Math.signum(size) * 1.5 : size + 0.1 * random.nextGaussian();
      double first = id < STRANGE ? Math.signum(size) * 1.5 : size;
      rows.add(RowFactory.create(id, List.of(first, other)));
    }
    spark
        .createDataFrame(
            rows,
            new StructType()
                .add("id", DataTypes.LongType)
                .add("vector", DataTypes.createArrayType(DataTypes.DoubleType)))
        .write()
        .parquet(table.toString());
  }

  private void run(String script, List<String> more) throws IOException {
    ShownCommand.all()
        .filter(command -> command.page().equals("docs/tutorial.md"))
        .filter(command -> command.words().get(0).equals("submit/" + script))
        .findFirst()
        .orElseThrow()
        .run(spark, this::placed, more);
  }

  private String placed(String word) {
    return word.equals("runs/mine") || word.equals("table.parquet")
        ? folder.resolve(word).toString()
        : word;
  }

  @Test
  void twoCommandsFindTheStrangeRows() throws IOException {
    writeTable(folder.resolve("table.parquet"));
    run("train-flow.sh", SMALL);
    run("score.sh", List.of());
    List<Row> strangest =
        spark
            .read()
            .parquet(folder.resolve("runs/mine/scores").toString())
            .orderBy("log_prob")
            .limit(STRANGE)
            .collectAsList();
    assertThat(strangest).extracting(row -> row.<Long>getAs("id")).allMatch(id -> id < STRANGE);
  }
}
