package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.report.Page;
import dev.realnvp.jobs.report.RunFacts;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.storage.OutputLeases;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** A run on one page. */
@Command(
    name = "report",
    description = {
      "Shows a run on one HTML page: report/index.html, without outside resources.",
      "Works at any time: it says what is missing, and shows running trainings up to their last"
          + " checkpoint. Replaces the previous page."
    },
    footer = {
      "",
      "Examples: submit/report.sh --run runs/mine",
      "          submit/report.sh --run runs/mine --compare runs/other/scores"
    })
public final class Report extends Job<String> {

  static final String FILE = "index.html";

  public Report() {
    super(RunStage.paths("paths.checkpoints", "report.compare"), List.of("paths.report"), null);
    embeddingsOptions();
    option("--output=DIR", "paths.report", "The folder");
    option("--compare=DIR", "report.compare");
  }

  /**
   * Looks at the table to compare with, before hours of work.
   *
   * @throws dev.realnvp.spark.failure.InvalidInputException if one is named, and is none of scores
   */
  static void check(Run run) throws IOException {
    RunDensities.compared(run);
  }

  /** None: a page is written in one go, and whoever writes it last is right. */
  @Override
  protected void claim(OutputLeases leases, Config config) {}

  @Override
  protected String work(SparkSession spark, Config config) throws IOException {
    Console.stage("report: %s", config.getString("run"));
    RunFacts facts = new RunReader(Run.of(spark, config)).read();
    String file = config.getString("paths.report") + "/" + FILE;
    Outputs.replace(spark, file, Page.of(facts));
    return file;
  }
}
