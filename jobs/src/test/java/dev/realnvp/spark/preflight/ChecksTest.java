package dev.realnvp.spark.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks, fed with good and bad facts. */
class ChecksTest {

  private static final long GB = 1L << 30;

  private static ProcessFacts process(String id, String host, Finding... findings) {
    return new ProcessFacts(id, host, 2 * GB, GB, 16 * GB, List.of(findings));
  }

  private static ProcessFacts process(String id, String host, long heap, long offHeap, long all) {
    return new ProcessFacts(id, host, heap * GB, offHeap * GB, all * GB, List.of());
  }

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
    Finding finding = Checks.software(build, java, spark, scala);
    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.got()).contains("Java " + java, spark, scala);
    assertThat(finding.remedy()).contains(remedy);
  }

  @Test
  void wrongProductsAreAnErrorWithTheKernelsAndSlowOnesAWarning() {
    String fault = "gemm 7x7x1: got 3.0";
    Finding executors = Checks.products("Zen kernels", fault, true, false);
    assertThat(executors.level()).isEqualTo(Severity.ERROR);
    assertThat(executors.message())
        .contains(
            "wrong products (Zen kernels, gemm 7x7x1: got 3.0)",
            "--conf spark.executorEnv.OPENBLAS_CORETYPE=");
    assertThat(Checks.products("Zen kernels", fault, true, true).remedy())
        .contains("OPENBLAS_CORETYPE=Haswell in the environment");
    assertThat(Checks.products("", null, false, true).level()).isEqualTo(Severity.WARNING);
    assertThat(Checks.products("", null, true, true).level()).isEqualTo(Severity.OK);
  }

  @Test
  void processesWithTheSameFindingAreNamedTogether() {
    List<Finding> findings =
        ProcessFacts.findings(
            "threads",
            List.of(
                process("driver", "a", Checks.threads("2", true)),
                process("0", "b", Checks.threads("4", false)),
                process("1", "b", Checks.threads("1", false), Finding.ok("other", "")),
                process("2", "c", Checks.threads("4", false))));
    assertThat(findings)
        .extracting(Finding::level)
        .containsExactly(Severity.WARNING, Severity.WARNING, Severity.OK);
    assertThat(findings.get(0).message())
        .contains("is 2 on the driver", "set it to 1, in the environment");
    assertThat(findings.get(1).message())
        .contains("is 4 on executors 0, 2: ", "--conf spark.executorEnv.OMP_NUM_THREADS=1");
    assertThat(findings.get(2).message()).isEqualTo("OMP_NUM_THREADS is 1 on executor 1 (b)");
    List<ProcessFacts> many =
        IntStream.range(0, 40).mapToObj(i -> process("" + i, "h" + i)).toList();
    assertThat(ProcessFacts.names(many)).isEqualTo("executors 0, 1, 2, 3 and 36 more");
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
    Finding finding = only(Checks.memory(List.of(process("driver", "a", heap, offHeap, total))));
    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.message()).contains(heap + " GB of heap", total + " GB on a", remedy);
  }

  @Test
  void processesOfOneMachineShareItsMemory() {
    ProcessFacts one = process("0", "a", 2, 1, 5);
    assertThat(Checks.memory(List.of(one, process("2", "b", 2, 1, 5))))
        .extracting(Finding::level)
        .containsExactly(Severity.OK, Severity.OK);
    Finding shared = only(Checks.memory(List.of(one, process("1", "a", 2, 1, 5))));
    assertThat(shared.level()).isEqualTo(Severity.WARNING);
    assertThat(shared.message()).contains("executors 0, 1", "4 GB of heap", "5 GB on a");
  }

  @Test
  void yarnsOverheadHasToHoldWhatIsOffTheHeap() {
    List<ProcessFacts> processes = List.of(process("driver", "a"), process("0", "b"));
    SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
    Finding little = only(Checks.overhead(conf, processes));
    assertThat(little.level()).isEqualTo(Severity.WARNING);
    assertThat(little.message())
        .contains("1 GB off the heap", "of 384 MB in spark.executor.memoryOverhead", "executor 0");
    conf.set("spark.executor.memoryOverhead", "1536m");
    assertThat(only(Checks.overhead(conf, processes)).level()).isEqualTo(Severity.OK);
    conf.remove("spark.executor.memoryOverhead").set("spark.executor.memory", "20g");
    assertThat(only(Checks.overhead(conf, processes)).message()).contains("of 2 GB in");
    assertThat(Checks.overhead(conf.set("spark.master", "spark://x:1"), processes)).isEmpty();
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
    Finding finding =
        Places.room(new LocalDiskSpace.Folder("/full", megabytes << 20, ""), "make room");
    assertThat(finding.level()).isEqualTo(level);
    assertThat(finding.isTransient()).isEqualTo(level == Severity.ERROR);
    assertThat(finding.message()).contains("/full has");
    assertThat(finding.message().contains("make room")).isEqualTo(level != Severity.OK);
  }
}
