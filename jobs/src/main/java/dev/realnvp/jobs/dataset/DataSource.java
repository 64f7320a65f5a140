package dev.realnvp.jobs.dataset;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Folders;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Finds images to work on if none are given: {@code data/mnist} if it exists, else MNIST from its
 * public mirrors, else Debian's package of Fashion-MNIST, which has the same format and size.
 */
public final class DataSource {
  /** The time for a server's answer, including the look-up of its name. */
  private static final Duration ANSWER = Duration.ofSeconds(3);

  /** The time for one file once the server answers; the largest has 10 MB. */
  private static final Duration WHOLE = Duration.ofMinutes(2);

  private final Path data;
  private final MnistMirrors mirrors;
  private final CommandRunner commands;
  private final Consumer<String> progress;

  /**
   * The place of the data, and the reason for it.
   *
   * @param folder a path or Hadoop URI
   * @param explanation a sentence for the user
   */
  public record Found(String folder, String explanation) {}

  /**
   * @param data the folder {@code data}, created if needed
   * @param progress gets a sentence before each slow step
   */
  public DataSource(Path data, Consumer<String> progress) {
    this(data, MnistMirrors.standard(), CommandRunner.SYSTEM, progress);
  }

  DataSource(Path data, MnistMirrors mirrors, CommandRunner commands, Consumer<String> progress) {
    this.data = data;
    this.mirrors = mirrors;
    this.commands = commands;
    this.progress = progress;
  }

  /** The folder that the user gave; it is checked when it is read. */
  public static Found given(String folder) {
    return new Found(folder, "Images are those given: " + folder);
  }

  /**
   * Finds data, and downloads them if needed.
   *
   * @throws InvalidInputException if all sources fail; the message says why each did
   */
  public Found find() {
    Path mnist = data.resolve("mnist");
    if (Files.isDirectory(mnist)) {
      return new Found(mnist.toString(), "Images are MNIST, found in " + mnist);
    }
    List<String> failures = new ArrayList<>();
    for (URI mirror : mirrors.mirrors()) {
      progress.accept("Downloading MNIST from " + mirror.getHost());
      try {
        Folders.create(mnist, folder -> mirrors.download(mirror, folder, ANSWER, WHOLE));
        return new Found(
            mnist.toString(),
            "Images are MNIST, downloaded from %s to %s".formatted(mirror.getHost(), mnist));
      } catch (IOException e) {
        failures.add("MNIST: " + reason(e));
      }
    }
    Path fashion = data.resolve("fashion-mnist");
    if (Files.isDirectory(fashion)) {
      return fashion(fashion, "found in", failures);
    }
    progress.accept("Fetching Debian's package " + FashionPackage.NAME);
    try {
      Folders.create(fashion, new FashionPackage(commands)::fetch);
      return fashion(
          fashion, "out of Debian's package " + FashionPackage.NAME + ", put in", failures);
    } catch (IOException e) {
      failures.add("Debian's package " + FashionPackage.NAME + ": " + reason(e));
    }
    throw new InvalidInputException(
        "No images found: no folder %s; %s. Give a folder of IDX files, or of PNGs by class, with --data DIR"
            .formatted(mnist, String.join("; ", failures)));
  }

  private static Found fashion(Path folder, String how, List<String> failures) {
    return new Found(
        folder.toString(),
        "Images are Fashion-MNIST, %s %s, since MNIST could not be downloaded (%s)"
            .formatted(how, folder, String.join("; ", failures)));
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
