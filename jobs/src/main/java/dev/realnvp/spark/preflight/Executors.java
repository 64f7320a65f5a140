package dev.realnvp.spark.preflight;

import dev.realnvp.spark.training.Workers;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;

/** Runs a function on each executor. */
final class Executors {

  private record Answer<T>(String executor, T value) implements Serializable {}

  private Executors() {}

  /**
   * Runs it on all executors that have come, or that the settings promise. While nothing else runs,
   * Spark fills all free slots at once, so with one task per slot each executor gets one.
   *
   * @return the results by the executors' ids
   */
  static <T> Map<String, T> ask(JavaSparkContext spark, Function0<T> question) {
    int slots = Workers.slots(spark);
    Map<String, T> answers = new TreeMap<>();
    spark
        .parallelize(Collections.nCopies(slots, 0), slots)
        .map(slot -> new Answer<>(SparkEnv.get().executorId(), question.call()))
        .collect()
        .forEach(answer -> answers.put(answer.executor(), answer.value()));
    return answers;
  }

  /** The ids of the executors that have come. */
  static List<String> registered(JavaSparkContext spark) {
    return JavaConverters.seqAsJavaList(spark.sc().statusStore().executorList(true)).stream()
        .map(ExecutorSummary::id)
        .filter(id -> !id.equals(ProcessFacts.DRIVER))
        .toList();
  }
}
