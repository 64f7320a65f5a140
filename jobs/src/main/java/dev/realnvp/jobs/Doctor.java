package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.model.Versions;
import dev.realnvp.spark.failure.Text;
import dev.realnvp.spark.preflight.Finding;
import dev.realnvp.spark.preflight.Preflight;
import dev.realnvp.spark.preflight.PreflightException;
import dev.realnvp.spark.preflight.Severity;
import dev.realnvp.spark.storage.OutputLeases;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** The checks that every job begins with, alone, and all that they found. */
@Command(
    name = "doctor",
    description = {
      "Makes the checks that every job makes before its work, for all of a run's outputs, and lists",
      "every result. The exit code is 1 if the jobs would refuse to work, or 3 if a retry may succeed."
    },
    footer = {"", "Example: submit/doctor.sh --master spark://host:7077 --run hdfs://name/runs/a"})
public final class Doctor extends Job<List<Finding>> {

  public Doctor() {
    super(List.of(), new Pipeline().writes(), null);
  }

  /** It leaves nothing behind. */
  @Override
  protected boolean logsEvents() {
    return false;
  }

  /** Nothing beforehand: the checks are the work. */
  @Override
  protected List<Finding> preflight(SparkSession spark, Config config) {
    return List.of();
  }

  /** None: it writes nothing that stays. */
  @Override
  protected void claim(OutputLeases leases, Config config) {}

  /**
   * @throws PreflightException if there are errors among the findings, which are printed by then
   */
  @Override
  protected List<Finding> work(SparkSession spark, Config config) {
    Map<String, String> versions = Versions.collect();
    Console.stage(
        "doctor: realnvp-spark %s, DL4J %s, ND4J %s",
        versions.get("realnvp-spark"), versions.get("dl4j"), versions.get("nd4j"));
    List<Finding> findings = super.preflight(spark, config);
    findings.forEach(Doctor::print);
    List<Finding> errors =
        findings.stream().filter(finding -> finding.level() == Severity.ERROR).toList();
    if (!errors.isEmpty()) {
      throw new PreflightException(
          errors, "the jobs cannot work here: " + Text.count(errors.size(), "error"));
    }
    Preflight.speeds(JavaSparkContext.fromSparkContext(spark.sparkContext()))
        .forEach(Doctor::print);
    return findings;
  }

  private static void print(Finding finding) {
    Console.say(
        "%-8s %-11s %s",
        finding.level().name().toLowerCase(Locale.ROOT), finding.subject(), finding.message());
  }
}
