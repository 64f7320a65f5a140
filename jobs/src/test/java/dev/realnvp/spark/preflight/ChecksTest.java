package dev.realnvp.spark.preflight;

import static dev.realnvp.spark.preflight.Facts.GB;
import static dev.realnvp.spark.preflight.Facts.good;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks that need nothing but facts, fed with good and bad ones. */
class ChecksTest {

  private static final ProcessFacts DRIVER = good("driver").on("a");

  private static Finding only(List<Finding> findings) {
    assertThat(findings).hasSize(1);
    return findings.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "SPARK_3_5, 17, 3.5.0, 2.12.18, OK, ''",
    "SPARK_3_5, 23, 3.5.9, 2.12.20, OK, ''",
    "SPARK_3_5, 16, 3.5.9, 2.12.18, ERROR, use Java 17 to 23",
    "SPARK_3_5, 24, 3.5.9, 2.12.18, ERROR, use Java 17 to 23",
    "SPARK_3_5, 17, 3.4.1, 2.12.18, ERROR, use Spark 3.5 for Scala 2.12",
    "SPARK_3_5, 17, 3.50.0, 2.12.18, ERROR, use Spark 3.5 for Scala 2.12",
    "SPARK_3_5, 17, 3.5.9, 2.13.8, ERROR, use Spark 3.5 for Scala 2.12",
    "SPARK_3_5, 17, 4.1.0, 2.13.17, ERROR, 'use the jar realnvp-spark_4_2.13, since this one is for Spark 3.5'",
    "SPARK_4, 17, 4.0.1, 2.13.16, OK, ''",
    "SPARK_4, 25, 4.2.0, 2.13.18, OK, ''",
    "SPARK_4, 25, 4.0.1, 2.13.16, ERROR, use Java 17 to 23",
    "SPARK_4, 26, 4.2.0, 2.13.18, ERROR, use Java 17 to 25",
    "SPARK_4, 17, 4.0.0, 2.13.16, ERROR, use Spark 4.0.1 or newer for Scala 2.13",
    "SPARK_4, 17, 5.0.0, 2.13.18, ERROR, use Spark 4.0.1 or newer for Scala 2.13",
    "SPARK_4, 17, 3.5.9, 2.13.8, ERROR, use Spark 4.0.1 or newer for Scala 2.13",
    "SPARK_4, 17, 3.5.9, 2.12.18, ERROR, 'use the jar realnvp-spark_3.5_2.12, since this one is for Spark 4.0.1'"
  })
  void onlyVersionsThatWorkTogetherPass(
      Build build, int java, String spark, String scala, Severity level, String remedy) {
    Verdict verdict = Checks.software(build, new ProcessFacts.Software(java, spark, scala));
    assertThat(verdict.level()).isEqualTo(level);
    assertThat(verdict.what()).contains("Java " + java, spark, scala);
    assertThat(verdict.remedy()).contains(remedy);
  }

  @Test
  void wrongProductsAreAnErrorThatNamesTheProductAndTheKernels() {
    ProcessFacts.Products wrong =
        new ProcessFacts.Products(
            ProcessFacts.Products.State.WRONG, "Zen kernels, gemm 7x7x1: got 3.0");
    Finding finding =
        only(
            Verdict.findings(
                "products", List.of(good("3").with(wrong).on("far")), Checks::products));
    assertThat(finding.level()).isEqualTo(Severity.ERROR);
    assertThat(finding.message())
        .contains(
            "wrong products (Zen kernels, gemm 7x7x1: got 3.0) on executor 3 (far)",
            "--conf spark.executorEnv.OPENBLAS_CORETYPE=");
    assertThat(Checks.products(good("driver").with(wrong).on("a")).remedy())
        .contains("OPENBLAS_CORETYPE=Haswell in the environment");
  }

  @Test
  void aNativeLibraryThatIsMissingIsAnErrorAndOneThatIsSlowAWarning() {
    ProcessFacts.Products missing =
        new ProcessFacts.Products(
            ProcessFacts.Products.State.NOT_LOADED, "UnsatisfiedLinkError: no x");
    assertThat(Checks.products(good("0").with(missing).on("a")))
        .extracting(Verdict::level, Verdict::what)
        .containsExactly(
            Severity.ERROR, "the native library does not load (UnsatisfiedLinkError: no x)");
    ProcessFacts.Products slow =
        new ProcessFacts.Products(ProcessFacts.Products.State.PLAIN_JAVA, "");
    assertThat(Checks.products(good("0").with(slow).on("a")).level()).isEqualTo(Severity.WARNING);
    assertThat(Checks.products(DRIVER).level()).isEqualTo(Severity.OK);
  }

  @Test
  void moreThreadsThanOneAreAWarningWithTheSettingOfThatProcess() {
    List<Finding> findings =
        Verdict.findings(
            "threads",
            List.of(
                good("driver").withThreads("2").on("a"),
                good("0").withThreads("4").on("b"),
                good("1").on("b"),
                good("2").withThreads("4").on("c")),
            Checks::threads);
    assertThat(findings)
        .extracting(Finding::level)
        .containsExactly(Severity.WARNING, Severity.WARNING, Severity.OK);
    assertThat(findings.get(0).message())
        .contains("is 2 on the driver", "set it to 1, in the environment");
    assertThat(findings.get(1).message())
        .contains("is 4 on executors 0, 2", "--conf spark.executorEnv.OMP_NUM_THREADS=1");
  }

  @Test
  void manyExecutorsAreCountedNotListed() {
    List<ProcessFacts> processes =
        IntStream.range(0, 40).mapToObj(i -> good("" + i).on("h" + i)).toList();
    assertThat(Verdict.names(processes)).isEqualTo("executors 0, 1, 2, 3 and 36 more");
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 4, OK, ''",
    "2, 2, 3, WARNING, lower --driver-memory",
    "2, 0, 16, WARNING, maxbytes",
    "5, 1, 4, ERROR, lower --driver-memory"
  })
  void theLimitsHaveToFitIntoTheMemory(
      long heap, long offHeap, long total, Severity level, String remedy) {
    ProcessFacts.MemoryLimits memory =
        new ProcessFacts.MemoryLimits(heap * GB, offHeap * GB, total * GB);
    Finding finding = only(Checks.memory(List.of(good("driver").with(memory).on("a"))));
    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.message()).contains(heap + " GB of heap", total + " GB on a", remedy);
  }

  @Test
  void processesOfOneMachineShareItsMemory() {
    ProcessFacts.MemoryLimits half = new ProcessFacts.MemoryLimits(2 * GB, GB, 5 * GB);
    ProcessFacts one = good("0").with(half).on("a");
    ProcessFacts two = good("1").with(half).on("a");
    ProcessFacts elsewhere = good("2").with(half).on("b");
    assertThat(Checks.memory(List.of(one, elsewhere)))
        .extracting(Finding::level)
        .containsExactly(Severity.OK, Severity.OK);
    Finding shared = only(Checks.memory(List.of(one, two)));
    assertThat(shared.level()).isEqualTo(Severity.WARNING);
    assertThat(shared.message()).contains("executors 0, 1", "4 GB of heap", "5 GB on a");
  }

  @Test
  void yarnsOverheadHasToHoldWhatIsOffTheHeap() {
    List<ProcessFacts> executors = List.of(DRIVER, good("0").on("b"));
    SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
    Finding little = only(Checks.overhead(conf, executors));
    assertThat(little.level()).isEqualTo(Severity.WARNING);
    assertThat(little.message())
        .contains("1 GB off the heap", "of 384 MB in spark.executor.memoryOverhead", "executor 0");
    conf.set("spark.executor.memoryOverhead", "1536m");
    assertThat(only(Checks.overhead(conf, executors)).level()).isEqualTo(Severity.OK);
    conf.remove("spark.executor.memoryOverhead").set("spark.executor.memory", "20g");
    assertThat(only(Checks.overhead(conf, executors)).message()).contains("of 2 GB in");
    assertThat(Checks.overhead(conf.set("spark.master", "spark://x:1"), executors)).isEmpty();
  }

  @Test
  void onlyJavasSerializationPasses() {
    SparkConf conf = new SparkConf(false);
    assertThat(Checks.serializer(conf).level()).isEqualTo(Severity.OK);
    conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    Finding finding = Checks.serializer(conf);
    assertThat(finding.level()).isEqualTo(Severity.ERROR);
    assertThat(finding.message()).contains("KryoSerializer", "JavaSerializer");
  }

  @ParameterizedTest
  @CsvSource({"31, ERROR", "33, WARNING", "1023, WARNING", "1025, OK"})
  void littleRoomIsAWarningAndHardlyAnyAnError(long megabytes, Severity level) {
    ProcessFacts.FreeSpace space = new ProcessFacts.FreeSpace("/full", megabytes << 20);
    assertThat(Places.room(space).level()).isEqualTo(level);
    assertThat(Places.room(space).mayPass()).isEqualTo(level == Severity.ERROR);
    Finding local = only(Places.local(List.of(good("0").on("a", space))));
    assertThat(local.level()).isEqualTo(level);
    assertThat(local.message()).contains("/full has", "executor 0 (a)");
    assertThat(local.message().contains("spark.local.dir")).isEqualTo(level != Severity.OK);
  }
}
