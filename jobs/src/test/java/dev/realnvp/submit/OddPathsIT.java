package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  void inputsOutputsSettingsAndTheCheckoutItself() throws IOException {
    Checkout checkout = Checkout.in(temp.resolve(ODD + " home")).built();
    Path data = Files.createDirectories(temp.resolve(ODD + " data"));
    Path sample = Checkout.original().resolve("jobs/src/test/resources/fashion-mnist-1000");
    for (String name :
        List.of("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")) {
      Files.copy(sample.resolve(name + "-ubyte.gz"), data.resolve(name + "-ubyte.gz"));
    }
    Path settings = temp.resolve(ODD + ".conf");
    Files.writeString(
        settings, "ingest.fraction = 0.1, autoencoder { epochs = 1, channels = [2] }");
    run(checkout, "ingest.sh", "--data", data, "--run", RUN, "--conf-file", settings);
    assertThat(temp.resolve(RUN).resolve("images/_SUCCESS")).exists();
    assertThat(checkout.home().resolve("logs"))
        .isDirectoryContaining(log -> log.getFileName().toString().startsWith("ingest-"));

    Path model = temp.resolve(ODD + " model");
    Path images = temp.resolve(RUN).resolve("images");
    run(
        checkout,
        "train-ae.sh",
        List.of("--input", images, "--output", model, "--conf-file", settings));
    assertThat(model.resolve("model.zip")).exists();

    run(
        checkout,
        "extract-embeddings.sh",
        List.of("--run", RUN, "--set", "paths.autoencoder=" + model));
    assertThat(temp.resolve(RUN).resolve("embeddings/_manifest.json")).exists();
    assertThat(temp.resolve("pwned")).doesNotExist();
  }

  private static void run(Checkout checkout, String script, Object... arguments) {
    checkout
        .run(
            checkout.submit(script),
            ScriptRun.words("--master", "local[1]", arguments).toArray(String[]::new))
        .done();
  }
}
