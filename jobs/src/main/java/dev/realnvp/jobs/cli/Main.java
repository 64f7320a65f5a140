package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import dev.realnvp.spark.data.ConfigurationException;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.OutputException;
import dev.realnvp.spark.data.OutputLeases;
import dev.realnvp.spark.preflight.Finding;
import dev.realnvp.spark.preflight.Preflight;
import dev.realnvp.spark.preflight.PreflightException;
import dev.realnvp.spark.training.TrainingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What every job's {@code main} does: parse, start Spark, run, and turn errors into exit codes. */
public final class Main {

  /** The job did its work. */
  public static final int DONE = 0;

  /** The job failed: an input, the cluster, or a defect. */
  public static final int FAILED = 1;

  /** The command line or the settings are wrong; nothing was done. */
  public static final int USAGE = 2;

  /** What Spark says of work in an application that it has stopped. */
  private static final Pattern ENDED_BY_SPARK =
      Pattern.compile("stopped SparkContext|SparkContext was shut down|SparkContext has been shut");

  /** The class, where spark-submit was given none. */
  private static final String APP_NAME = "spark.app.name";

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /** Runs a job to its end, and the JVM with it. */
  public static void exit(Job<?> job, String[] args) {
    System.exit(execute(job, args));
  }

  /** Runs a job and returns its exit code. */
  static int execute(Job<?> job, String[] args) {
    CommandLine command = commandLine(job).setUsageHelpAutoWidth(true);
    try {
      command.parseArgs(args);
      if (CommandLine.printHelpIfRequested(command.getParseResult())) {
        return DONE;
      }
      Config config = job.settings();
      return execute(job, config);
    } catch (CommandLine.ParameterException e) {
      return refuse(e.getMessage() + " (--help lists the options)", USAGE);
    } catch (ConfigurationException e) {
      return refuse(e.getMessage(), USAGE);
    }
  }

  /** The job's options, as picocli takes and explains them. */
  static CommandLine commandLine(Job<?> job) {
    return new CommandLine(job).setUsageHelpWidth(100).setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static int execute(Job<?> job, Config config) {
    SparkConf conf = new SparkConf().setIfMissing("spark.master", "local[*]");
    Optional<EventLog> log = job.logsEvents() ? EventLog.open(conf, config) : Optional.empty();
    int code = run(job, config, conf, log);
    if (code != DONE) {
      log.ifPresent(EventLog::discardIfAlone);
    }
    return code;
  }

  private static int run(Job<?> job, Config config, SparkConf conf, Optional<EventLog> log) {
    try {
      report(Preflight.software());
      try (SparkSession spark = session(job, conf)) {
        log.ifPresent(some -> some.started(spark.sparkContext().applicationId()));
        // Before the checks, which wait for executors that another writer may have.
        OutputLeases leases = claim(job, spark, config);
        try {
          report(job.preflight(spark, config));
          job.run(spark, config);
        } finally {
          leases.close();
        }
        if (job.next() != null) {
          Console.next(job.next(), config);
        }
        return DONE;
      }
    } catch (ConfigurationException e) {
      return refuse(e.getMessage(), USAGE);
    } catch (Exception | FSError e) {
      // The last is how Hadoop throws that a local disk is full.
      LOG.error("The job failed", e);
      return refuse(message(e), FAILED);
    }
  }

  /** The leases of a job; none if an output cannot be written, which the checks have words for. */
  private static OutputLeases claim(Job<?> job, SparkSession spark, Config config) {
    try {
      return job.claim(spark, config);
    } catch (IOException | InvalidInputException e) {
      LOG.info("No lease of the outputs", e);
      return new OutputLeases(spark.sparkContext().hadoopConfiguration());
    }
  }

  /** Prints warnings. */
  private static void report(List<Finding> findings) {
    List<Finding> errors = new ArrayList<>();
    for (Finding finding : findings) {
      switch (finding.level()) {
        case WARNING -> {
          Console.complain("warning", finding.line());
          LOG.warn("{}", finding.line());
        }
        case ERROR -> errors.add(finding);
        default -> LOG.info("{}", finding.line());
      }
    }
    if (!errors.isEmpty()) {
      throw new PreflightException(errors);
    }
  }

  /** A session that has the job's name, unless Spark was given another one. */
  private static SparkSession session(Job<?> job, SparkConf conf) {
    String mainClass = job.getClass().getName();
    if (conf.get(APP_NAME, mainClass).equals(mainClass)) {
      conf.set(APP_NAME, "realnvp-spark " + job.getClass().getSimpleName());
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** The project's own error wherever it stands in the chain, else the root cause. */
  private static String message(Throwable e) {
    List<Throwable> chain = ExceptionUtils.getThrowableList(e);
    for (Throwable link : chain) {
      if (link instanceof InvalidInputException
          || link instanceof OutputException
          || link instanceof TrainingException
          || link instanceof PreflightException) {
        return link.getMessage();
      }
    }
    Throwable root = chain.get(chain.size() - 1);
    if (ENDED_BY_SPARK.matcher(String.valueOf(root.getMessage())).find()) {
      return "Spark ended the application: the cluster is gone, or executors kept failing"
          + " (the log has the whole of it). The same command goes on from there";
    }
    return ExceptionUtils.getMessage(root).lines().findFirst().orElse("")
        + " (the log has the whole of it)";
  }

  private static int refuse(String message, int code) {
    Console.complain("error", message);
    return code;
  }
}
