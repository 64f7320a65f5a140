package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Spark homes that {@code submit/spark-class} makes, a process each, and removes again. */
class SparkHomesIT {

  @TempDir Path temp;

  private static Path home(Path runs, String name) throws IOException {
    Path work = Files.createDirectories(runs.resolve(name).resolve("work/app/0"));
    Files.writeString(work.resolve("realnvp-spark.jar"), "");
    Files.writeString(work.resolve("stderr"), "");
    return runs.resolve(name);
  }

  private static void age(Path home, Duration by) throws IOException {
    Files.setLastModifiedTime(home, FileTime.from(Instant.now().minus(by)));
  }

  /** Its process may be in another container, so that its id says nothing here. */
  @Test
  void aHomeIsInUseWhileItsProcessHoldsTheLock() throws Exception {
    Checkout checkout = Checkout.in(temp.resolve("checkout")).built();
    Path runs = checkout.home().resolve(Checkout.SPARK).resolve("runs");
    Path held = home(runs, "4194399");
    Path recent = home(runs, "4194398");
    Path old = home(runs, "4194397");
    Path young = Files.createDirectories(runs.resolve("4194396"));
    Path bare = Files.createDirectories(runs.resolve("4194395"));
    for (Path home : List.of(held, old, young, bare)) {
      Files.writeString(home.resolve("lock"), "");
    }
    for (Path home : List.of(held, old)) {
      age(home, Duration.ofDays(3));
    }
    age(bare, Duration.ofMinutes(3));
    Process holder =
        new ProcessBuilder(
                "flock", held.resolve("lock").toString(), "sh", "-c", "echo held; read x")
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      version(checkout).done();
    } finally {
      holder.destroy();
    }
    assertThat(held.resolve("work/app/0/realnvp-spark.jar")).exists();
    assertThat(recent.resolve("work/app/0/realnvp-spark.jar")).doesNotExist();
    assertThat(recent.resolve("work/app/0/stderr")).exists();
    assertThat(old).doesNotExist();
    // It has no logs, but may be about to be locked.
    assertThat(young).exists();
    assertThat(bare).doesNotExist();
  }

  /** Of two scripts at once, each removes homes that the other is about to look at. */
  @Test
  void homesThatAreGoneAgainEndNoScript() throws IOException {
    Path find =
        Checkout.executable(
            temp.resolve("bin/find"),
            "#!/bin/sh\necho \"find: '$1/4194394': No such file or directory\" >&2; exit 1\n");
    ScriptRun run =
        version(
                Checkout.in(temp.resolve("gone"))
                    .built()
                    .with("PATH", find.getParent() + ":" + System.getenv("PATH")))
            .done();
    assertThat(run.err()).doesNotContain("runs/4194394");
  }

  private static ScriptRun version(Checkout checkout) {
    return checkout.run(
        checkout.submit("spark-class"), "org.apache.spark.deploy.SparkSubmit", "--version");
  }
}
