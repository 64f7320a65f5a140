package dev.realnvp.spark.storage;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.realnvp.model.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.spark.SparkEnv;

/**
 * A writer's claim to an output. It is written once. A sign of life is the time of change of a
 * file, not its content, so that nobody reads half of it.
 *
 * @param program the Spark application's name
 * @param process of the writer
 * @param since the time of the claim, in seconds since 1970 by the writer's own clock, for messages
 * @param leaseSeconds the time after its last sign of life when it counts as dead, if the process
 *     itself cannot be checked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Claim(String program, WriterProcess process, long since, int leaseSeconds) {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  /** The first second of the year 10000. */
  private static final long END_OF_TIME = 253_402_300_800L;

  static Claim now(int leaseSeconds) {
    SparkEnv spark = SparkEnv.get();
    return new Claim(
        spark == null ? "a program" : spark.conf().get("spark.app.name", "a Spark application"),
        WriterProcess.current(),
        Instant.now().getEpochSecond(),
        leaseSeconds);
  }

  String display() {
    return "%s (process %d on host %s, since %s)"
        .formatted(
            program, process.pid(), process.host(), TIME.format(Instant.ofEpochSecond(since)));
  }

  String toJson() {
    return Json.tree(this).toString();
  }

  private boolean isComplete() {
    return process != null && since >= 0 && since < END_OF_TIME && leaseSeconds > 0;
  }

  /** Reads a claim; null if the text is none, or incomplete. */
  static Claim fromJson(String text) {
    try {
      Claim claim = Json.read(text, Claim.class, "no claim: ");
      return claim.isComplete() ? claim : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
