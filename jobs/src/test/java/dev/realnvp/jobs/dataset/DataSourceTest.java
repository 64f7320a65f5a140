package dev.realnvp.jobs.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpServer;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.TestFiles;
import dev.realnvp.spark.storage.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourceTest {
  private static final List<String> NAMES = List.of("t10k-labels", "train-images");

  @TempDir private Path temp;
  private Path data;
  private HttpServer server;
  private String address;
  private final List<String> progress = new ArrayList<>();
  private final PackageTools tools = new PackageTools();

  /** Stands for apt-get and dpkg: does to the disk what they do. */
  private static final class PackageTools implements CommandRunner {
    private final List<List<String>> calls = new ArrayList<>();
    private int failingDownloads;
    private int updateCode;

    @Override
    public Outcome run(List<String> command, Path folder, Duration limit) throws IOException {
      calls.add(command);
      if (command.equals(List.of("apt-get", "update"))) {
        return new Outcome(updateCode, "Reading...\nE: Could not open lock file\n");
      }
      if (command.equals(List.of("apt-get", "download", "dataset-fashion-mnist"))) {
        if (failingDownloads-- > 0) {
          return new Outcome(100, "W: a warning\nE: Unable to locate package\n");
        }
        Files.writeString(folder.resolve("dataset-fashion-mnist_1_all.deb"), "package");
        return new Outcome(0, "Get:1\n");
      }
      assertThat(command.subList(0, 2)).containsExactly("dpkg", "-x");
      assertThat(Path.of(command.get(2))).hasContent("package");
      Path inside = Path.of(command.get(3)).resolve("usr/share/datasets/fashion-mnist");
      Files.createDirectories(inside);
      Files.writeString(inside.resolve("train-images-idx3-ubyte.gz"), "images");
      return new Outcome(0, "");
    }
  }

  @BeforeEach
  void startServer() throws IOException {
    data = temp.resolve("my data");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  private URI mirror(String path, String suffix) throws IOException {
    for (String name : NAMES) {
      byte[] content = TestFiles.gzip((name + suffix).getBytes(StandardCharsets.UTF_8));
      server.createContext(
          path + name + ".gz",
          exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            try (OutputStream out = exchange.getResponseBody()) {
              out.write(content);
            }
          });
    }
    return URI.create(address + path);
  }

  private DataSource source(URI... mirrors) throws Exception {
    Map<String, String> sums = new LinkedHashMap<>();
    for (String name : NAMES) {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      sums.put(name, HexFormat.of().formatHex(sum));
    }
    return new DataSource(data, new MnistMirrors(List.of(mirrors), sums), tools, progress::add);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givenFolderIsTaken() {
    assertThat(DataSource.given("hdfs://host/digits").folder()).isEqualTo("hdfs://host/digits");
  }

  @Test
  void mnistOnDiskIsTaken() throws Exception {
    Files.createDirectories(data.resolve("mnist"));
    DataSource.Found found = source().find();
    assertThat(found.folder()).isEqualTo(data.resolve("mnist").toString());
    assertThat(found.explanation()).isEqualTo("Images are MNIST, found in " + found.folder());
    assertThat(progress).isEmpty();
  }

  @Test
  void mnistIsDownloaded() throws Exception {
    DataSource.Found found = source(mirror("/good/", "")).find();
    assertThat(found.folder()).isEqualTo(data.resolve("mnist").toString());
    assertThat(found.explanation())
        .isEqualTo("Images are MNIST, downloaded from 127.0.0.1 to " + found.folder());
    assertThat(names(data)).containsExactly("mnist");
    assertThat(names(data.resolve("mnist"))).containsExactly("t10k-labels.gz", "train-images.gz");
    assertThat(progress).containsExactly("Downloading MNIST from 127.0.0.1");
    assertThat(tools.calls).isEmpty();
  }

  @Test
  void nextMirrorIsTriedIfASumIsWrong() throws Exception {
    DataSource.Found found = source(mirror("/bad/", "?"), mirror("/good/", "")).find();
    assertThat(found.explanation()).contains("downloaded from 127.0.0.1");
    assertThat(progress).hasSize(2);
    assertThat(names(data)).containsExactly("mnist");
  }

  @Test
  void fashionIsFetchedIfAllMirrorsFail() throws Exception {
    DataSource.Found found = source(mirror("/bad/", "?"), URI.create(address + "/none/")).find();
    assertThat(found.folder()).isEqualTo(data.resolve("fashion-mnist").toString());
    assertThat(found.explanation())
        .startsWith("Images are Fashion-MNIST, out of Debian's package dataset-fashion-mnist")
        .contains("t10k-labels.gz of 127.0.0.1 has the SHA-256 sum ")
        .contains("127.0.0.1 answered with status 404");
    assertThat(names(data)).containsExactly("fashion-mnist");
    assertThat(data.resolve("fashion-mnist/train-images-idx3-ubyte.gz")).hasContent("images");

    tools.calls.clear();
    assertThat(source().find().folder()).isEqualTo(found.folder());
    assertThat(tools.calls).isEmpty();
  }

  @Test
  void packageListsAreMadeNewOnlyIfNeedBe() throws Exception {
    source().find();
    assertThat(tools.calls).doesNotContain(List.of("apt-get", "update"));
    Folders.delete(data);
    tools.failingDownloads = 1;
    source().find();
    assertThat(tools.calls).contains(List.of("apt-get", "update"));
    assertThat(names(data)).containsExactly("fashion-mnist");
  }

  @Test
  void allThatWasTriedIsSaidIfNothingWorks() throws Exception {
    tools.failingDownloads = 2;
    tools.updateCode = 100;
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> source(URI.create(address + "/none/")).find())
        .withMessage(
            "No images found: no folder %s; MNIST: 127.0.0.1 answered with status 404; Debian's package dataset-fashion-mnist: apt-get update failed (E: Could not open lock file). Give a folder of IDX files, or of PNGs by class, with --data DIR",
            data.resolve("mnist"));
    assertThat(names(data)).isEmpty();
  }

  @Test
  void serverThatDoesNotAnswerIsLeft() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    server.createContext(
        "/silent",
        exchange -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Download download = new Download(Duration.ofMillis(100), Duration.ofMinutes(1));
    assertThatIOException()
        .isThrownBy(() -> download.get(URI.create(address + "/silent"), temp.resolve("file")))
        .withMessage("127.0.0.1 did not answer in time");
    end.countDown();
  }

  @Test
  void serverThatStopsInTheMiddleIsLeft() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    server.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Download download = new Download(Duration.ofSeconds(20), Duration.ofMillis(100));
    assertThatIOException()
        .isThrownBy(() -> download.get(URI.create(address + "/slow"), temp.resolve("file")))
        .withMessage("127.0.0.1 did not send the file in time");
    end.countDown();
  }

  @Test
  void serverThatSendsMoreThanAFileCanHaveIsLeft() throws IOException {
    CompletableFuture<IOException> stopped = new CompletableFuture<>();
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write(new byte[1 << 16]);
            }
          } catch (IOException e) {
            stopped.complete(e);
          }
        });
    Download download = new Download(Duration.ofSeconds(20), Duration.ofSeconds(60));
    assertThatIOException()
        .isThrownBy(() -> download.get(URI.create(address + "/endless"), temp.resolve("file")))
        .withMessage("127.0.0.1 did not send the file (it sends more than 16777216 bytes)");
    assertThat(temp.resolve("file").toFile().length()).isLessThanOrEqualTo(16 << 20);
    // The server finds the connection closed.
    assertThat(stopped).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  @Tag("nightly")
  void whatIsTornOrUnpacksToMoreThanAFileCanHaveIsNotTaken() throws Exception {
    byte[] bomb = TestFiles.gzip(new byte[100 << 20]);
    for (byte[] sent : new byte[][] {Arrays.copyOf(bomb, 1000), bomb}) {
      String path = "/" + sent.length + "/";
      server.createContext(
          path,
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
              out.write(sent);
            }
          });
      DataSource.Found found = source(URI.create(address + path)).find();
      assertThat(found.explanation())
          .contains(
              sent == bomb ? "has the SHA-256 sum" : "t10k-labels.gz of 127.0.0.1 is damaged");
      assertThat(names(data)).containsExactly("fashion-mnist");
    }
  }

  @Test
  void serverThatIsNotThereIsLeft() {
    server.stop(0);
    Download download = new Download(Duration.ofSeconds(20), Duration.ofSeconds(20));
    assertThatIOException()
        .isThrownBy(() -> download.get(URI.create(address + "/"), temp.resolve("file")))
        .withMessageStartingWith("no connection to 127.0.0.1");
  }
}
