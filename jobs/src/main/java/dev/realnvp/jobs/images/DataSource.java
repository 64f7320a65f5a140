package dev.realnvp.jobs.images;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.FileUtils;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.function.IOConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.Shell;
import org.apache.spark.sql.SaveMode;

/**
 * Finds images to work on if none are given: {@code data/mnist} if it exists, else MNIST from its
 * public mirrors, else Debian's package of Fashion-MNIST, which has the same format and size.
 *
 * @param data the folder {@code data}, created if needed
 * @param answer how long to wait for a server's answer, including the look-up of its name
 * @param complete how long to wait after that for a complete file
 * @param progress gets a sentence before each slow step
 */
public record DataSource(
    Path data,
    List<URI> mirrors,
    Map<String, String> sums,
    Duration answer,
    Duration complete,
    DataSource.Commands commands,
    Consumer<String> progress) {

  /** The mirrors that machine learning libraries use: folders, each with a slash at its end. */
  private static final List<URI> MIRRORS =
      List.of(
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"));

  /** The SHA-256 sums of MNIST's unpacked files, which do not depend on how they were packed. */
  private static final Map<String, String> SUMS =
      Map.of(
          "t10k-labels-idx1-ubyte",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
          "train-labels-idx1-ubyte",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          "t10k-images-idx3-ubyte",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          "train-images-idx3-ubyte",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");

  private static final String PACKAGE = "dataset-fashion-mnist";

  private static final Path IN_PACKAGE = Path.of("usr", "share", "datasets", "fashion-mnist");

  /** The largest packed file of MNIST has 9,912,422 bytes. */
  private static final int MOST_BYTES = 16 << 20;

  /** The largest unpacked file has 47,040,016. */
  private static final int MOST_UNPACKED = 64 << 20;

  /** How long a system program may take. */
  private static final Duration COMMAND = Duration.ofSeconds(50);

  /**
   * The place of the data, and the reason for it.
   *
   * @param folder a path or Hadoop URI
   * @param explanation a sentence for the user
   */
  public record Found(String folder, String explanation) {}

  /** As {@link DataSource#run}; a test has its own. */
  @FunctionalInterface
  interface Commands {
    void run(List<String> command, Path folder) throws IOException;
  }

  /** MNIST, from its mirrors. */
  public DataSource(Path data, Consumer<String> progress) {
    this(
        data,
        MIRRORS,
        SUMS,
        Duration.ofSeconds(3),
        Duration.ofMinutes(2),
        (command, folder) -> run(command, folder, COMMAND),
        progress);
  }

  /** Copies the sums, in the order of their names. */
  public DataSource {
    sums = new TreeMap<>(sums);
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
    for (URI mirror : mirrors) {
      progress.accept("Downloading MNIST from " + mirror.getHost());
      try {
        create(mnist, folder -> download(mirror, folder));
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
    progress.accept("Fetching Debian's package " + PACKAGE);
    try {
      create(fashion, this::fetchPackage);
      return fashion(fashion, "out of Debian's package " + PACKAGE + ", put in", failures);
    } catch (IOException e) {
      failures.add("Debian's package " + PACKAGE + ": " + reason(e));
    }
    throw new InvalidInputException(
        "No images found: no folder %s; %s. Give a folder of IDX files, or of PNGs by class, with --data DIR"
            .formatted(mnist, String.join("; ", failures)));
  }

  /** Fills a folder, which appears complete or not at all. */
  private static void create(Path target, IOConsumer<Path> content) throws IOException {
    AtomicOutput.write(
        new Configuration(),
        "file:" + target.toAbsolutePath(),
        SaveMode.ErrorIfExists,
        AtomicOutput.FILE,
        temporary -> {
          Path folder = Path.of(temporary.replaceFirst("^file:", ""));
          content.accept(Files.createDirectory(folder));
        });
  }

  private static Found fashion(Path folder, String how, List<String> failures) {
    return new Found(
        folder.toString(),
        "Images are Fashion-MNIST, %s %s, since MNIST could not be downloaded (%s)"
            .formatted(how, folder, String.join("; ", failures)));
  }

  private static String reason(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Downloads all files of a mirror and checks their sums. */
  private void download(URI mirror, Path folder) throws IOException {
    for (Map.Entry<String, String> sum : sums.entrySet()) {
      String name = sum.getKey() + ".gz";
      byte[] packed = download(mirror.resolve(name));
      String got;
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
        got = DigestUtils.sha256Hex(in.readNBytes(MOST_UNPACKED));
      } catch (IOException e) {
        throw new IOException(
            "%s of %s is damaged (%s)".formatted(name, mirror.getHost(), e.getMessage()), e);
      }
      if (!got.equals(sum.getValue())) {
        throw new IOException(
            "%s of %s has the SHA-256 sum %s when unpacked, expected %s"
                .formatted(name, mirror.getHost(), got, sum.getValue()));
      }
      Files.write(folder.resolve(name), packed);
    }
  }

  private byte[] download(URI from) throws IOException {
    String host = from.getHost();
    HttpResponse<InputStream> response;
    try {
      response =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NORMAL)
              .build()
              .send(
                  HttpRequest.newBuilder(from).timeout(answer).build(),
                  BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      throw new IOException(host + " did not answer in time", e);
    } catch (IOException e) {
      throw new IOException("no connection to %s (%s)".formatted(host, reason(e)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Download of " + from + " was interrupted");
    }
    long began = System.nanoTime();
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException(host + " answered with status " + response.statusCode());
      }
      // A read that waits ends when the stream is closed.
      CompletableFuture.delayedExecutor(complete.toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> IOUtils.closeQuietly(body));
      try {
        byte[] file = body.readNBytes(MOST_BYTES + 1);
        if (file.length > MOST_BYTES) {
          throw new IOException("it sends more than " + MOST_BYTES + " bytes");
        }
        return file;
      } catch (IOException e) {
        throw new IOException(
            System.nanoTime() - began >= complete.toNanos()
                ? host + " did not send the file in time"
                : "%s did not send the file (%s)".formatted(host, reason(e)),
            e);
      }
    }
  }

  /**
   * Puts the IDX files of Debian's package into a folder. Apt downloads the package and checks its
   * signature. It is unpacked without being installed, so no root is needed.
   */
  private void fetchPackage(Path folder) throws IOException {
    Path work = Files.createTempDirectory("package");
    List<String> download = List.of("apt-get", "download", PACKAGE);
    try {
      try {
        commands.run(download, work);
      } catch (IOException e) {
        // The list of packages may be missing or old; only root can update it.
        commands.run(List.of("apt-get", "update"), work);
        commands.run(download, work);
      }
      Path unpacked = work.resolve("unpacked");
      commands.run(List.of("dpkg", "-x", packageFile(work).toString(), unpacked.toString()), work);
      if (!Files.isDirectory(unpacked.resolve(IN_PACKAGE))) {
        throw new IOException("package %s has no folder /%s".formatted(PACKAGE, IN_PACKAGE));
      }
      FileUtils.copyDirectory(unpacked.resolve(IN_PACKAGE).toFile(), folder.toFile());
    } finally {
      FileUtils.forceDelete(work.toFile());
    }
  }

  private static Path packageFile(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(file -> file.toString().endsWith(".deb"))
          .findFirst()
          .orElseThrow(() -> new IOException("apt-get download left no package"));
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param command the program and its arguments, which no shell interprets
   * @param folder its working directory
   * @param limit the time after which it is stopped
   * @throws IOException if it does not exist, fails, or does not end in time
   */
  static void run(List<String> command, Path folder, Duration limit) throws IOException {
    Shell.ShellCommandExecutor shell =
        new Shell.ShellCommandExecutor(
            command.toArray(String[]::new),
            folder.toFile(),
            Map.of("LC_ALL", "C"),
            limit.toMillis());
    try {
      shell.execute();
    } catch (IOException e) {
      String said = String.join(" ", command.subList(0, Math.min(2, command.size())));
      if (shell.isTimedOut()) {
        throw new IOException(said + " did not end within " + limit.toMillis() + " ms", e);
      }
      if (!(e instanceof Shell.ExitCodeException failed)) {
        throw e;
      }
      throw new IOException(
          e.getMessage()
              .lines()
              .filter(line -> line.startsWith("E:") || line.contains("error"))
              .findFirst()
              .map(line -> "%s failed (%s)".formatted(said, line.strip()))
              .orElse("%s failed with code %d".formatted(said, failed.getExitCode())),
          e);
    }
  }
}
