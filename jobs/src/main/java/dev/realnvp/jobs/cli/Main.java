package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.preflight.Finding;
import dev.realnvp.spark.preflight.Preflight;
import dev.realnvp.spark.preflight.PreflightException;
import dev.realnvp.spark.storage.OutputLeases;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What every job's {@code main} does: parse, start Spark, run, and turn errors into exit codes. */
public final class Main {

  public static final int DONE = 0;

  /** The job failed: an input, the cluster, or a defect. */
  public static final int FAILED = 1;

  /** The command line or the settings are wrong; nothing was done. */
  public static final int USAGE = 2;

  /** The job failed for want of something that may come; the same command is worth trying again. */
  public static final int RETRY = 3;

  /** A table has drifted, and the user asked for this code then. */
  public static final int DRIFTED = 4;

  private static final Map<String, String> CODES =
      new TreeMap<>(
          Map.of(
              "" + DONE, "done",
              "" + FAILED, "failed",
              "" + USAGE, "wrong usage or settings",
              "" + RETRY, "a retry may succeed: no executors, a full disk, another writer ..."));

  /** The class, where spark-submit was given none. */
  private static final String APP_NAME = "spark.app.name";

  private static final String PROJECT = "dev.realnvp.";

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /**
   * Runs a job to its end, and the JVM with it. A driver in YARN's application master has to
   * return, or to throw its exit code: to YARN an application that ends its JVM has failed.
   */
  public static void exit(Job<?> job, String[] args) {
    Ending ending = new Ending();
    Thread.setDefaultUncaughtExceptionHandler(ending);
    int code = execute(job, args, ending);
    if (!inApplicationMaster(ending.conf)) {
      System.exit(code);
    }
    if (code != DONE) {
      ExceptionUtils.rethrow(thrown(code));
    }
  }

  /** What YARN takes for the exit code. Newer Sparks construct it with a cause besides. */
  private static Throwable thrown(int code) {
    Constructor<?> constructor = SparkUserAppException.class.getConstructors()[0];
    Object[] arguments = Arrays.copyOf(new Object[] {code}, constructor.getParameterCount());
    try {
      return (Throwable) constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      return e;
    }
  }

  private static boolean inApplicationMaster(SparkConf conf) {
    return conf.get("spark.master", "").equals("yarn")
        && conf.get("spark.submit.deployMode", "").equals("cluster");
  }

  static int execute(Job<?> job, String[] args) {
    return execute(job, args, new Ending());
  }

  private static int execute(Job<?> job, String[] args, Ending ending) {
    CommandLine command = commandLine(job).setUsageHelpAutoWidth(true);
    try {
      command.parseArgs(args);
      if (CommandLine.printHelpIfRequested(command.getParseResult())) {
        return DONE;
      }
      execute(job, job.settings(), ending);
      return DONE;
    } catch (Throwable e) {
      return ending.of(e);
    }
  }

  /** The job's options, as picocli takes and explains them. */
  static CommandLine commandLine(Job<?> job) {
    CommandLine command =
        new CommandLine(job).setUsageHelpWidth(100).setCaseInsensitiveEnumValuesAllowed(true);
    job.options().forEach(command.getCommandSpec()::addOption);
    Map<String, String> codes = new TreeMap<>(CODES);
    codes.putAll(job.exitCodes());
    command
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(codes);
    return command;
  }

  private static void execute(Job<?> job, Config config, Ending ending) throws IOException {
    SparkConf conf = ending.conf.setIfMissing("spark.master", "local[*]");
    if (Failure.isLocal(conf)) {
      // A task's error is the job's, as on a cluster, and does not end the JVM.
      conf.set("spark.executor.killOnFatalError.depth", "0");
    }
    Optional<EventLog> log = job.logsEvents() ? EventLog.open(conf, config) : Optional.empty();
    try {
      run(job, config, conf, log);
    } catch (Throwable e) {
      log.ifPresent(EventLog::discardIfAlone);
      throw e;
    }
  }

  @SuppressWarnings("try") // The leases are not referred to: they act by being held.
  private static void run(Job<?> job, Config config, SparkConf conf, Optional<EventLog> log)
      throws IOException {
    report(Preflight.software());
    Preflight.load();
    try (SparkSession spark = session(job, conf)) {
      log.ifPresent(some -> some.started(spark.sparkContext().applicationId()));
      // Before the checks, which wait for executors that another writer may have.
      try (OutputLeases leases = claim(job, spark, config)) {
        report(job.preflight(spark, config));
        job.run(spark, config);
      }
      if (job.next() != null) {
        Console.next(job.next(), config);
      }
    }
  }

  /** The leases of a job; none if an output cannot be written, which the checks have words for. */
  private static OutputLeases claim(Job<?> job, SparkSession spark, Config config) {
    try {
      return job.claim(spark, config);
    } catch (IOException | InvalidInputException e) {
      LOG.info("No lease of the outputs", e);
      return new OutputLeases(spark);
    }
  }

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

  /** A session that has the job's name, unless Spark was given another one than a class. */
  private static SparkSession session(Job<?> job, SparkConf conf) {
    if (conf.get(APP_NAME, PROJECT).startsWith(PROJECT)) {
      conf.set(APP_NAME, "realnvp-spark " + job.getClass().getSimpleName());
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
