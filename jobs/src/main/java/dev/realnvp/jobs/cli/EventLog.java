package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Spark's event logs: one a job, in the run's folder. */
public final class EventLog {

  private static final String ENABLED = "spark.eventLog.enabled";
  private static final String PLACE = "paths.events";
  private static final String OF_HADOOP = "spark.hadoop.";

  /** How many jobs' logs a run keeps, besides those of the last day. */
  static final int KEPT = 40;

  private static final Duration RECENT = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

  private final Location folder;
  private final boolean newRun;
  private String application;

  private EventLog(Location folder, boolean newRun) {
    this.folder = folder;
    this.newRun = newRun;
  }

  /**
   * Makes the folder, which Spark does not, and has Spark log there; unless the settings say no, or
   * Spark's own say something. Where the folder cannot be made there is no log, and a warning.
   */
  static Optional<EventLog> open(SparkConf conf, Config config) {
    if (!config.getBoolean("event-log") || conf.contains(ENABLED)) {
      return Optional.empty();
    }
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> setting : conf.getAllWithPrefix(OF_HADOOP)) {
      hadoop.set(setting._1(), setting._2());
    }
    try {
      Location folder = Location.of(hadoop, config.getString(PLACE));
      FileSystem files = folder.fileSystem();
      boolean newRun = !files.exists(folder.path().getParent());
      if (!files.mkdirs(folder.path())) {
        throw new IOException("it cannot be made");
      }
      prune(folder);
      // Spark takes the place as a URI, with its percent signs.
      conf.set(ENABLED, "true").set("spark.eventLog.dir", folder.path().toUri().toString());
      return Optional.of(new EventLog(folder, newRun));
    } catch (IOException | InvalidInputException e) {
      Console.complain(
          "warning",
          "no event log in %s: %s"
              .formatted(config.getString(PLACE), String.valueOf(e.getMessage()).strip()));
      return Optional.empty();
    }
  }

  /** Deletes the oldest logs; one that cannot be deleted stays. */
  private static void prune(Location folder) {
    long recent = System.currentTimeMillis() - RECENT.toMillis();
    try {
      FileStatus[] logs = folder.fileSystem().listStatus(folder.path());
      Arrays.sort(logs, Comparator.comparingLong(FileStatus::getModificationTime).reversed());
      for (int i = KEPT; i < logs.length; i++) {
        if (logs[i].getModificationTime() < recent) {
          folder.fileSystem().delete(logs[i].getPath(), true);
        }
      }
    } catch (IOException e) {
      LOG.warn("Could not delete old logs in {}", folder.display(), e);
    }
  }

  /** To be called when Spark runs the job, which then has a log. */
  void started(String applicationId) {
    application = applicationId;
  }

  /**
   * To be called when a job failed, and Spark has ended: a run in which nothing was made is none,
   * and goes again. Other jobs may have their logs in it meanwhile, and write there.
   */
  void discardIfAlone() {
    Location run = folder.parent();
    try {
      if (newRun && run.fileSystem().listStatus(run.path()).length == 1) {
        deleteOwn();
        if (folder.deleteIfEmpty()) {
          run.deleteIfEmpty();
        }
      }
    } catch (IOException e) {
      LOG.warn("Could not delete {}", run.display(), e);
    }
  }

  private void deleteOwn() throws IOException {
    if (application == null) {
      return;
    }
    // A folder with its files, or one file, with endings for its state and compression.
    Pattern own = Pattern.compile("(eventlog_v2_)?" + Pattern.quote(application) + "([._].*)?");
    for (FileStatus log : folder.fileSystem().listStatus(folder.path())) {
      if (own.matcher(log.getPath().getName()).matches()) {
        folder.fileSystem().delete(log.getPath(), true);
      }
    }
  }

  /** The command that starts Spark's history server on the run's event logs. */
  public static String historyServer(Configuration hadoop, Config config) {
    Path folder = Location.of(hadoop, config.getString(PLACE)).path();
    return "SPARK_LOCAL_IP=127.0.0.1 SPARK_HISTORY_OPTS="
        + Console.quoted("-Dspark.history.fs.logDirectory=\"" + folder + "\"")
        + " submit/spark-class org.apache.spark.deploy.history.HistoryServer";
  }
}
