package dev.realnvp.spark.storage;

import dev.realnvp.spark.ObjectStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** A process that claims outputs when it is told to, and gives them back when it is told to. */
final class ClaimingProcess implements AutoCloseable {

  /** The answer of a process that holds the output; else it is the error's message. */
  static final String HELD = "held";

  private static final int LEASE_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter orders;

  ClaimingProcess() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ClaimingProcess.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    answers = process.inputReader();
    orders = new PrintWriter(process.outputWriter(), true);
  }

  long pid() {
    return process.pid();
  }

  void claim(String target) {
    orders.println(target);
  }

  /** What came of the claim. */
  String answer() throws IOException {
    String line = answers.readLine();
    while (line != null && !line.startsWith("> ")) {
      line = answers.readLine();
    }
    if (line == null) {
      throw new IOException("The process ended");
    }
    return line.substring(2);
  }

  /** Has the output given back that it holds, if it does; returns when that is done. */
  void release() throws IOException {
    orders.println();
    answer();
  }

  /** Kills it. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** Does as it is told. */
  public static void main(String[] args) throws IOException {
    Configuration hadoop = new Configuration();
    ObjectStore.register(hadoop);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String target = in.readLine(); target != null; target = in.readLine()) {
      Claims claims = new Claims(Location.of(hadoop, target), "Output " + target);
      String token = null;
      try {
        token = claims.claim(Claim.now(LEASE_SECONDS));
        System.out.println("> " + HELD);
      } catch (OutputInUseException e) {
        System.out.println("> " + e.getMessage());
      }
      in.readLine();
      if (token != null) {
        claims.withdraw(token);
      }
      System.out.println("> released");
    }
  }
}
