package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code conf/spark-env.sh}, sourced as stock Spark's {@code bin/spark-class} does. */
class SparkEnvIT {
  private static final String SUBMIT = "org.apache.spark.deploy.SparkSubmit";

  /** What spark-class has of the matter: the file is sourced with everything set being exported. */
  private static final String SPARK_CLASS =
      """
      #!/usr/bin/env bash
      set -a
      . "${SPARK_CONF_DIR}/spark-env.sh"
      set +a
      echo "CLASS:$1"
      env | sed -n 's/^SPARK_CONF_DIR=/&/p'
      env | grep -c -i -e 'realnvp_home' -e BASH_FUNC
      """;

  @TempDir Path temp;
  private Checkout checkout;
  private Path sparkClass;

  @BeforeEach
  void copyScripts() throws IOException {
    checkout = Checkout.in(temp.resolve("home")).with("SPARK_CONF_DIR", "home/conf");
    sparkClass = Checkout.executable(checkout.spark().resolve("bin/spark-class"), SPARK_CLASS);
  }

  @Test
  void aJobScriptRunsInPlaceOfSparksClass() {
    ScriptRun run =
        checkout.run(
            sparkClass,
            SUBMIT,
            "--master",
            "local[2]",
            "--conf",
            "spark.a=b c",
            checkout.submit("train-flow.sh").toString(),
            "--run",
            "$(x) 'y'",
            "--name",
            "n");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).noneMatch(line -> line.startsWith("CLASS:"));
    assertThat(Checkout.arguments(run))
        .containsSubsequence("--master", "local[2]", "--conf", "spark.a=b c", "--class")
        .endsWith(
            "--class",
            "dev.realnvp.jobs.Jobs",
            checkout.jar().toString(),
            "train-flow",
            "--run",
            "$(x) 'y'",
            "--name",
            "n");
  }

  @Test
  void everythingElseGoesOnAndOnlyTheEnvironmentIsSet() throws IOException {
    Path foreign = Checkout.executable(temp.resolve("foreign.sh"), "#!/bin/sh\n");
    for (String[] arguments :
        new String[][] {
          {
            SUBMIT,
            "--class",
            "a.B",
            checkout.jar().toString(),
            checkout.submit("score.sh").toString()
          },
          {SUBMIT, foreign.toString()},
          {SUBMIT, "--files", checkout.submit("score.sh").toString(), "some.jar"},
          {SUBMIT, checkout.submit("lib.sh").toString()},
          {SUBMIT, "--version"},
          {SUBMIT},
          {"org.apache.spark.deploy.worker.Worker", checkout.submit("score.sh").toString()}
        }) {
      ScriptRun run = checkout.run(sparkClass, arguments);
      assertThat(run.out())
          .as("%s: %s", String.join(" ", arguments), run.err())
          .containsExactlyInAnyOrder(
              "CLASS:" + arguments[0], "SPARK_CONF_DIR=" + checkout.home().resolve("conf"), "0");
    }
  }
}
