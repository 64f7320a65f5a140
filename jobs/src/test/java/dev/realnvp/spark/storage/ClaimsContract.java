package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who comes to hold an output, on every file system. */
@Timeout(300)
abstract class ClaimsContract {

  private static final int WRITERS = 4;
  private static final int PROCESSES = 3;
  private static final int PROCESS_ROUNDS = 8;
  private static final int LEASE_SECONDS = 60;

  private final Configuration hadoop = new Configuration();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private FileSystem fileSystem;
  private Path run;
  private Location target;

  /** A folder of the file system, for this test alone. */
  abstract Path folder(Configuration hadoop) throws IOException;

  /** How often threads race. */
  int rounds() {
    return 20;
  }

  @BeforeEach
  final void places() throws IOException {
    run = new Path(folder(hadoop), "a run");
    fileSystem = run.getFileSystem(hadoop);
    target = Location.of(hadoop, run + "/scores");
  }

  @AfterEach
  final void stop() {
    threads.shutdownNow();
  }

  private Claims claims() {
    return new Claims(target, "Output scores");
  }

  private List<String> names() throws IOException {
    return Arrays.stream(fileSystem.listStatus(run))
        .map(status -> status.getPath().getName())
        .toList();
  }

  private <T> List<T> all(int count, Callable<T> work) throws Exception {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      futures.add(threads.submit(work));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get());
    }
    return results;
  }

  @Test
  void ofSeveralAtOnceExactlyOneHoldsIt() throws Exception {
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    for (int round = 0; round < rounds(); round++) {
      CountDownLatch settled = new CountDownLatch(WRITERS);
      List<Boolean> held =
          all(
              WRITERS,
              () -> {
                Claims claims = claims();
                start.await();
                String token = null;
                try {
                  token = claims.claim(Claim.now(LEASE_SECONDS));
                } catch (OutputInUseException e) {
                  assertThat(e).hasMessageContaining("process " + ProcessHandle.current().pid());
                } finally {
                  settled.countDown();
                }
                settled.await();
                if (token == null) {
                  return false;
                }
                assertThat(claims.has(token)).isTrue();
                claims.withdraw(token);
                return true;
              });
      assertThat(held).containsOnlyOnce(true);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void neverTwoHoldItWhileOthersComeAndGo() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    List<Integer> times =
        all(
            WRITERS,
            () -> {
              int held = 0;
              for (int round = 0; round < rounds(); round++) {
                try {
                  String token = claims().claim(Claim.now(LEASE_SECONDS));
                  assertThat(holders.incrementAndGet()).isEqualTo(1);
                  held++;
                  holders.decrementAndGet();
                  claims().withdraw(token);
                } catch (OutputInUseException e) {
                  Thread.yield();
                }
              }
              return held;
            });
    assertThat(times.stream().mapToInt(Integer::intValue).sum()).isPositive();
    assertThat(names()).isEmpty();
  }

  @Test
  void ofSeveralProcessesAtOnceExactlyOneHoldsItUntilItIsKilled() throws Exception {
    List<ClaimingProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(new ClaimingProcess());
      }
      for (int round = 0; round < PROCESS_ROUNDS; round++) {
        List<String> answers = answers(processes);
        assertThat(answers).containsOnlyOnce(ClaimingProcess.HELD);
        assertThat(answers)
            .allMatch(
                answer ->
                    answer.equals(ClaimingProcess.HELD) || answer.contains("is being written by"));
        for (ClaimingProcess process : processes) {
          process.release();
        }
        assertThat(names()).isEmpty();
      }
      ClaimingProcess holder = processes.get(answers(processes).indexOf(ClaimingProcess.HELD));
      assertThatExceptionOfType(OutputInUseException.class)
          .isThrownBy(() -> claims().claim(Claim.now(LEASE_SECONDS)))
          .withMessageContaining("process " + holder.pid());
      holder.close();
      assertHeldAlone(claims().claim(Claim.now(LEASE_SECONDS)));
    } finally {
      processes.forEach(ClaimingProcess::close);
    }
  }

  /** What all of them say to the same order. */
  private List<String> answers(List<ClaimingProcess> processes) throws IOException {
    for (ClaimingProcess process : processes) {
      process.claim(target.path().toString());
    }
    List<String> answers = new ArrayList<>();
    for (ClaimingProcess process : processes) {
      answers.add(process.answer());
    }
    return answers;
  }

  private void assertHeldAlone(String token) throws IOException {
    assertThat(names())
        .containsExactlyInAnyOrder(".scores.lease-" + token, ".scores.held-" + token);
  }

  /** A claim of another machine, whose last sign of life is so old. */
  private void forge(String name, int leaseSeconds, long ageMillis) throws IOException {
    Claim claim =
        new Claim(
            "score",
            new WriterProcess("elsewhere", "someone", 4711, "1", "boot", "pid:[1]"),
            1_795_756_329,
            leaseSeconds);
    for (String file : List.of("lease-" + name, "held-" + name)) {
      Path path = new Path(run, ".scores." + file);
      try (FSDataOutputStream out = fileSystem.create(path)) {
        out.writeBytes(file.startsWith("lease") ? claim.toJson() : "");
      }
      long now = fileSystem.getFileStatus(path).getModificationTime();
      fileSystem.setTimes(path, now - ageMillis, -1);
    }
  }

  @Test
  void whoGaveASignOfLifeIsNamed() throws IOException {
    forge("x", 600, 100_000);
    assertThatExceptionOfType(OutputInUseException.class)
        .isThrownBy(() -> claims().claim(Claim.now(LEASE_SECONDS)))
        .withMessage(
            "Output scores is being written by score (process 4711 on host elsewhere, since"
                + " 2026-11-27 05:12:09 UTC): wait for it, or write to another place");
    assertThat(names()).containsExactlyInAnyOrder(".scores.lease-x", ".scores.held-x");
  }

  @Test
  void whoGaveNoneForItsLeaseIsDead() throws IOException {
    forge("x", LEASE_SECONDS, 1000L * LEASE_SECONDS);
    forge("y", LEASE_SECONDS, 1000L * LEASE_SECONDS);
    fileSystem.delete(new Path(run, ".scores.lease-y"), false);
    assertHeldAlone(claims().claim(Claim.now(LEASE_SECONDS)));
  }

  @Test
  void whoIsLateIsWaitedForUntilItIsDead() throws IOException {
    forge("x", 2, 1200);
    assertHeldAlone(claims().claim(Claim.now(LEASE_SECONDS)));
  }

  @Test
  void whoIsLateIsWaitedForUntilItGivesASign() throws Exception {
    forge("x", 600, 500_000);
    Future<String> waiting = threads.submit(() -> claims().claim(Claim.now(LEASE_SECONDS)));
    while (names().size() < 3) {
      Thread.onSpinWait();
    }
    claims().renew("x");
    assertThat(waiting)
        .failsWithin(Duration.ofSeconds(90))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(OutputInUseException.class);
  }

  @Test
  void aClaimThatCannotBeReadCountsByItsAge() throws IOException {
    Path torn = new Path(run, ".scores.lease-0");
    fileSystem.create(torn).close();
    assertThatExceptionOfType(OutputInUseException.class)
        .isThrownBy(() -> claims().claim(Claim.now(LEASE_SECONDS)))
        .withMessageContaining("another program, whose claim cannot be read");
    long now = fileSystem.getFileStatus(torn).getModificationTime();
    fileSystem.setTimes(torn, now - 1000L * LEASE_SECONDS, -1);
    claims().claim(Claim.now(LEASE_SECONDS));
    assertThat(fileSystem.exists(torn)).isFalse();
  }

  @Test
  void anotherNameIsAnotherOutput() throws IOException {
    forge("x", LEASE_SECONDS, 0);
    new Claims(Location.of(hadoop, run + "/scores.2"), "Other").claim(Claim.now(LEASE_SECONDS));
    new Claims(Location.of(hadoop, run + "/score"), "Other").claim(Claim.now(LEASE_SECONDS));
  }
}
