package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code docs/examples} compile, without a warning, and run. */
@Tag("nightly")
class ExamplesTest {

  private static final Path EXAMPLES = Path.of("..", "docs", "examples");
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir static Path folder;
  @TempDir static Path classes;

  private static final SparkSession spark = LocalSpark.session();

  @BeforeAll
  static void compile() throws Exception {
    String[] javac = {"-Xlint:all,-path,-classfile", "-Werror"};
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments(javac, ".java"));
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    scala.tools.nsc.Main.process(arguments(new String[] {"-Xfatal-warnings"}, ".scala"));
    assertThat(scala.tools.nsc.Main.reporter().hasErrors()).as("Scala's errors").isFalse();
    PetsTable.make(spark)
        .selectExpr("id", "label", "v features")
        .write()
        .parquet(folder.resolve("table").toString());
  }

  private static String[] arguments(String[] options, String suffix) throws Exception {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return Stream.of(
              Stream.of(options),
              Stream.of("-classpath", CLASS_PATH, "-d", classes.toString()),
              files.map(Path::toString).filter(file -> file.endsWith(suffix)))
          .flatMap(words -> words)
          .toArray(String[]::new);
    }
  }

  /** Does what a program's main does between start and stop, and returns what it prints. */
  private static String run(String program, Object... arguments) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    URL[] path = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(path, ExamplesTest.class.getClassLoader())) {
      Method run =
          Arrays.stream(loader.loadClass(program).getMethods())
              .filter(method -> method.getName().equals("run"))
              .findFirst()
              .orElseThrow();
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      run.invoke(null, arguments);
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static Dataset<Row> table() {
    return spark.read().parquet(path("table"));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void theDensityOfATable() throws Exception {
    String printed = run("DensityOfATable", spark, path("table"), path("density"), 2);
    assertThat(printed).containsPattern("epoch 1: -?\\d+\\.\\d{3} nats per row\nepoch 2: ");
    assertThat(RealNVPModel.load(path("density")).numClasses()).isEqualTo(2);
  }

  @Test
  void theDensityOfATableInScala() throws Exception {
    run("DensityOfATableInScala", table(), path("scala"), 1);
    assertThat(RealNVPModel.load(path("scala")).summary().epochs()).hasSize(1);
  }

  @Test
  void theScoresOfAStream() throws Exception {
    run("DensityOfATable", spark, path("table"), path("streamed"), 1);
    for (int i = 0; i < 2; i++) {
      run(
          "ScoreAStream",
          spark,
          path("streamed"),
          path("table"),
          path("scores"),
          path("checkpoint"));
      assertThat(spark.read().parquet(path("scores")).count()).isEqualTo(1000);
    }
  }

  @Test
  void theChoiceOfTheCouplings() throws Exception {
    assertThat(run("ChooseTheCouplings", table(), 1))
        .containsPattern(
            "2 couplings: -?\\d.* nats per row\n6 couplings: -?\\d.* nats per row\n"
                + "chosen: [26] couplings");
  }

  @Test
  void theDensityOfImages() throws Exception {
    SmallImages.run(spark, path("run"));
    run("DensityOfImages", spark, path("run"), path("pipeline"), 1);
    assertThat(PipelineModel.load(path("pipeline")).stages()).hasSize(3);
  }
}
