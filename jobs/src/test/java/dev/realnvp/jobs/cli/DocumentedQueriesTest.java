package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The queries of the documentation, in DuckDB as they stand there, on scores that a job wrote. */
@Tag("nightly")
class DocumentedQueriesTest {

  private static final Pattern SQL_BLOCK = Pattern.compile("(?ms)^```sql\n(.*?);\n```");
  private static final Pattern RUN = Pattern.compile("runs/[a-z]+/");
  private static final Pattern FILES = Pattern.compile("'([^']*)/\\*\\.parquet'");

  @TempDir static Path folder;

  private static final SparkSession spark = LocalSpark.session();

  @BeforeAll
  static void score() throws IOException {
    String table = folder.resolve("table").toString();
    spark
        .sql(
            "select id, if(id % 4 = 0, 'test', 'train') split, int(id % 2) label,"
                + " array(randn(1), randn(2) + id % 2) embedding from range(0, 2000, 1, 2)")
        .write()
        .parquet(table);
    var config =
        Settings.load(
            null,
            List.of(
                "flow.epochs=2",
                "flow.couplings=2",
                "flow.hidden=[8]",
                "score.false-alarm-rate=0.05",
                "score.explain=2",
                "paths.embeddings=" + table),
            Map.of("run", folder.toString()));
    new TrainFlow().run(spark, config);
    new Score().run(spark, config);
  }

  static Stream<String> queries() throws IOException {
    return Repository.pages().stream()
        .flatMap(page -> SQL_BLOCK.matcher(Repository.read(page)).results())
        .map(block -> block.group(1))
        .distinct();
  }

  /** Queries of files alone; the functions that others call are DuckDB's own. */
  static Stream<String> queriesOfFiles() throws IOException {
    return queries().filter(query -> query.contains(" FROM '"));
  }

  private static String placed(String query) {
    return RUN.matcher(query).replaceAll(folder + "/");
  }

  private static List<List<Object>> inDuckDb(String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      List<List<Object>> rows = new ArrayList<>();
      while (found.next()) {
        List<Object> row = new ArrayList<>();
        for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
          row.add(found.getObject(column));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  private static List<List<Object>> inSpark(String query) {
    return spark.sql(FILES.matcher(query).replaceAll("parquet.`$1`")).collectAsList().stream()
        .map(row -> IntStream.range(0, row.size()).mapToObj(row::get).toList())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("queriesOfFiles")
  void duckDbFindsWhatSparkDoes(String query) throws SQLException {
    assertThat(inDuckDb(placed(query))).isNotEmpty().isEqualTo(inSpark(placed(query)));
  }

  @Test
  void duckDbReadsExplanations() throws SQLException, IOException {
    String query = queries().filter(q -> q.contains("explanation")).findFirst().orElseThrow();
    long explained =
        spark.read().parquet(folder + "/scores").where("explanation is not null").count();
    assertThat(inDuckDb(placed(query))).hasSize((int) (2 * explained));
  }

  @Test
  void duckDbFindsTheMeaningOfTheColumns() throws Exception {
    String query =
        queries().filter(q -> q.contains("parquet_kv_metadata")).findFirst().orElseThrow();
    assertThat(inDuckDb(placed(query)).get(0).get(0).toString())
        .contains("log p(x), the class summed out, in nats");
  }
}
