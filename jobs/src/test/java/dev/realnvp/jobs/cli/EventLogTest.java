package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in which nothing was made goes again, but for what others have in it. */
class EventLogTest {

  private static final String OWN = "local-1795756329000";
  private static final String OTHER = "local-1795756329001";

  @TempDir private Path temp;

  private Path run;
  private Path events;
  private EventLog log;

  @BeforeEach
  void start() throws IOException {
    run = temp.resolve("run");
    events = run.resolve("spark-events");
    log = open();
    log.started(OWN);
    write(OWN);
  }

  private EventLog open() {
    Config config = Settings.load(null, List.of(), Map.of("run", run.toString()));
    return EventLog.open(new SparkConf(false), config).orElseThrow();
  }

  /** As Spark does, in files of a limited size. */
  private void write(String application) throws IOException {
    Path own = Files.createDirectories(events.resolve("eventlog_v2_" + application));
    Files.writeString(own.resolve("events_1_" + application + ".zstd"), "events");
  }

  @Test
  void aRunOfNothingElseGoes() {
    log.discardIfAlone();
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void theLogOfAnotherJobStays() throws IOException {
    write(OTHER);
    log.discardIfAlone();
    assertThat(events).isDirectoryNotContaining("glob:**" + OWN);
    assertThat(events.resolve("eventlog_v2_" + OTHER)).isNotEmptyDirectory();
  }

  @Test
  void besideAClaimToAnOutputAllStays() throws IOException {
    Files.createFile(run.resolve(".scores.lease-x"));
    log.discardIfAlone();
    assertThat(events.resolve("eventlog_v2_" + OWN)).isNotEmptyDirectory();
  }

  @Test
  void whoFoundTheRunThereLeavesIt() throws IOException {
    EventLog second = open();
    second.started(OTHER);
    write(OTHER);
    second.discardIfAlone();
    assertThat(events.resolve("eventlog_v2_" + OTHER)).isNotEmptyDirectory();
  }

  @Test
  void logsOfOneFileGoToo() throws IOException {
    Files.createFile(events.resolve(OWN + ".zstd.inprogress"));
    log.discardIfAlone();
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void ofManyOldLogsTheNewestStay() throws IOException {
    Instant now = Instant.now();
    for (int i = 0; i < EventLog.KEPT + 3; i++) {
      write("local-" + i);
      Files.setLastModifiedTime(
          events.resolve("eventlog_v2_local-" + i),
          FileTime.from(now.minus(Duration.ofDays(2).plusHours(i))));
    }
    open();
    // That of this day is one of those.
    assertThat(events.resolve("eventlog_v2_local-" + (EventLog.KEPT - 2))).exists();
    try (Stream<Path> logs = Files.list(events)) {
      assertThat(logs).hasSize(EventLog.KEPT).contains(events.resolve("eventlog_v2_" + OWN));
    }
  }
}
