package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every path that a user can give is used, with letters that shells and URIs take for their own.
 */
@Tag("nightly")
class OddPathsIT {
  private static final String ODD = "it's \"a\" $(touch pwned) `touch pwned` ; & é世 #1 100% [x]";
  private static final String RUN = ODD + " run";

  @TempDir Path temp;

  private ScriptRun run(Path folder, String script, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(folder.resolve("submit").resolve(script).toString());
    command.addAll(List.of("--master", "local[1]"));
    command.addAll(List.of(arguments));
    return ScriptRun.of(temp, Map.of(), command);
  }

  /** A checkout is a folder with the scripts, their settings, and what the build made. */
  private Path checkout() throws IOException {
    Path home = Checkout.in(temp.resolve(ODD + " home")).home();
    Path original = Checkout.original();
    Files.delete(home.resolve("jobs/target/realnvp-spark.jar"));
    Files.createDirectories(home.resolve(Checkout.JAR).getParent());
    Files.createSymbolicLink(home.resolve(Checkout.JAR), original.resolve(Checkout.JAR));
    Path spark = Files.createDirectories(home.resolve(Checkout.SPARK));
    for (String name : List.of("jars", "RELEASE")) {
      Files.createSymbolicLink(spark.resolve(name), original.resolve(Checkout.SPARK).resolve(name));
    }
    return home;
  }

  @Test
  void inputsOutputsSettingsAndTheCheckoutItself() throws IOException {
    Path home = checkout();
    ingest(home);

    assertThat(temp.resolve("pwned")).doesNotExist();
    assertThat(home.resolve("logs"))
        .isDirectoryContaining(log -> log.getFileName().toString().startsWith("ingest-"));
  }

  /** Gives the file of settings that it used. */
  private Path ingest(Path home) throws IOException {
    Path data = Files.createDirectories(temp.resolve(ODD + " data"));
    Path sample = Checkout.original().resolve("jobs/src/test/resources/fashion-mnist-1000");
    for (String name :
        List.of("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")) {
      Files.copy(sample.resolve(name + "-ubyte.gz"), data.resolve(name + "-ubyte.gz"));
    }
    Path settings = temp.resolve(ODD + ".conf");
    Files.writeString(
        settings, "ingest.fraction = 0.1, autoencoder { epochs = 1, channels = [2] }");
    ScriptRun ingest =
        run(
            home,
            "ingest.sh",
            "--data",
            data.toString(),
            "--run",
            RUN,
            "--conf-file",
            settings.toString());
    assertThat(ingest.code()).as(ingest.err()).isZero();
    assertThat(temp.resolve(RUN).resolve("images/_SUCCESS")).exists();
    return settings;
  }

  @Test
  @Tag("nightly")
  void modelsAndWhatIsMadeOfThem() throws IOException {
    Path home = checkout();
    Path settings = ingest(home);

    ScriptRun train =
        run(
            home,
            "train-ae.sh",
            "--input",
            temp.resolve(RUN).resolve("images").toString(),
            "--output",
            temp.resolve(ODD + " model").toString(),
            "--conf-file",
            settings.toString());
    assertThat(train.code()).as(train.err()).isZero();
    assertThat(temp.resolve(ODD + " model").resolve("model.zip")).exists();

    ScriptRun embed =
        run(
            home,
            "extract-embeddings.sh",
            "--run",
            RUN,
            "--set",
            "paths.autoencoder=" + temp.resolve(ODD + " model"));
    assertThat(embed.code()).as(embed.err()).isZero();
    assertThat(temp.resolve(RUN).resolve("embeddings/_manifest.json")).exists();
    assertThat(temp.resolve("pwned")).doesNotExist();
  }
}
