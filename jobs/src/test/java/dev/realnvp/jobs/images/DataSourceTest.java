package dev.realnvp.jobs.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.TestFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.FileUtils;
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
  private static final class PackageTools implements DataSource.Commands {
    private final List<List<String>> calls = new ArrayList<>();
    private int failingDownloads;
    private boolean updateFails;

    @Override
    public void run(List<String> command, Path folder) throws IOException {
      calls.add(command);
      if (command.equals(List.of("apt-get", "update"))) {
        if (updateFails) {
          throw new IOException("apt-get update failed (E: Could not open lock file)");
        }
        return;
      }
      if (command.equals(List.of("apt-get", "download", "dataset-fashion-mnist"))) {
        if (failingDownloads-- > 0) {
          throw new IOException("apt-get download failed with code 100");
        }
        Files.writeString(folder.resolve("dataset-fashion-mnist_1_all.deb"), "package");
        return;
      }
      assertThat(command.subList(0, 2)).containsExactly("dpkg", "-x");
      assertThat(Path.of(command.get(2))).hasContent("package");
      Path inside = Path.of(command.get(3)).resolve("usr/share/datasets/fashion-mnist");
      Files.createDirectories(inside);
      Files.writeString(inside.resolve("train-images-idx3-ubyte.gz"), "images");
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

  private DataSource source(URI... mirrors) {
    return source(Duration.ofSeconds(20), Duration.ofSeconds(60), mirrors);
  }

  private DataSource source(Duration answer, Duration complete, URI... mirrors) {
    return new DataSource(
        data,
        List.of(mirrors),
        NAMES.stream().collect(Collectors.toMap(name -> name, DigestUtils::sha256Hex)),
        answer,
        complete,
        tools,
        progress::add);
  }

  /** Answers all requests in a way of its own, after which it says why the mirror was left. */
  private String failure(Duration answer, Duration complete, HttpHandler handler) {
    server.createContext("/bad/", handler);
    return source(answer, complete, URI.create(address + "/bad/")).find().explanation();
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
  void mnistOnDiskIsTaken() throws IOException {
    Files.createDirectories(data.resolve("mnist"));
    DataSource.Found found = source().find();
    assertThat(found.folder()).isEqualTo(data.resolve("mnist").toString());
    assertThat(found.explanation()).isEqualTo("Images are MNIST, found in " + found.folder());
    assertThat(progress).isEmpty();
  }

  @Test
  void mnistIsDownloaded() throws IOException {
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
  void nextMirrorIsTriedIfASumIsWrong() throws IOException {
    DataSource.Found found = source(mirror("/bad/", "?"), mirror("/good/", "")).find();
    assertThat(found.explanation()).contains("downloaded from 127.0.0.1");
    assertThat(progress).hasSize(2);
    assertThat(names(data)).containsExactly("mnist");
  }

  @Test
  void fashionIsFetchedIfAllMirrorsFail() throws IOException {
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
  void packageListsAreMadeNewOnlyIfNeedBe() throws IOException {
    source().find();
    assertThat(tools.calls).doesNotContain(List.of("apt-get", "update"));
    FileUtils.deleteDirectory(data.toFile());
    tools.failingDownloads = 1;
    source().find();
    assertThat(tools.calls).contains(List.of("apt-get", "update"));
    assertThat(names(data)).containsExactly("fashion-mnist");
  }

  @Test
  void allThatWasTriedIsSaidIfNothingWorks() throws IOException {
    tools.failingDownloads = 2;
    tools.updateFails = true;
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> source(URI.create(address + "/none/")).find())
        .withMessage(
            "No images found: no folder %s; MNIST: 127.0.0.1 answered with status 404; Debian's package dataset-fashion-mnist: apt-get update failed (E: Could not open lock file). Give a folder of IDX files, or of PNGs by class, with --data DIR",
            data.resolve("mnist"));
    assertThat(data).doesNotExist();
  }

  @Test
  void serverThatDoesNotAnswerIsLeft() {
    CountDownLatch end = new CountDownLatch(1);
    assertThat(failure(Duration.ofMillis(100), Duration.ofMinutes(1), exchange -> await(end)))
        .contains("(MNIST: 127.0.0.1 did not answer in time)");
    end.countDown();
  }

  @Test
  void serverThatStopsInTheMiddleIsLeft() {
    CountDownLatch end = new CountDownLatch(1);
    assertThat(
            failure(
                Duration.ofSeconds(20),
                Duration.ofMillis(100),
                exchange -> {
                  exchange.sendResponseHeaders(200, 1000);
                  exchange.getResponseBody().write(new byte[10]);
                  exchange.getResponseBody().flush();
                  await(end);
                }))
        .contains("(MNIST: 127.0.0.1 did not send the file in time)");
    end.countDown();
  }

  @Test
  void serverThatSendsMoreThanAFileCanHaveIsLeft() {
    CompletableFuture<IOException> stopped = new CompletableFuture<>();
    assertThat(
            failure(
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                exchange -> {
                  exchange.sendResponseHeaders(200, 0);
                  try (OutputStream out = exchange.getResponseBody()) {
                    while (true) {
                      out.write(new byte[1 << 16]);
                    }
                  } catch (IOException e) {
                    stopped.complete(e);
                  }
                }))
        .contains("127.0.0.1 did not send the file (it sends more than 16777216 bytes)");
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
      assertThat(source(URI.create(address + path)).find().explanation())
          .contains(
              sent == bomb ? "has the SHA-256 sum" : "t10k-labels.gz of 127.0.0.1 is damaged");
      assertThat(names(data)).containsExactly("fashion-mnist");
    }
  }

  @Test
  void serverThatIsNotThereIsLeft() {
    server.stop(0);
    assertThat(source(URI.create(address + "/")).find().explanation())
        .contains("(MNIST: no connection to 127.0.0.1 (");
  }

  @Test
  void commandsGetTheirArgumentsAndFolder() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("a b"));
    Duration limit = Duration.ofSeconds(20);
    DataSource.run(List.of("sh", "-c", "pwd > \"$0\"", "c  $d"), folder, limit);
    assertThat(folder.resolve("c  $d")).content().isEqualTo("%s%n".formatted(folder.toRealPath()));
    assertThatIOException()
        .isThrownBy(() -> DataSource.run(List.of("sh", "-c", "exit 3"), folder, limit))
        .withMessage("sh -c failed with code 3");
    assertThatIOException()
        .isThrownBy(
            () -> DataSource.run(List.of("sh", "-c", "echo E: locked >&2; exit 1"), folder, limit))
        .withMessage("sh -c failed (E: locked)");
    assertThatIOException()
        .isThrownBy(() -> DataSource.run(List.of("no-such-program"), folder, limit))
        .withMessageContaining("no-such-program");
    assertThatIOException()
        .isThrownBy(() -> DataSource.run(List.of("sleep", "60"), folder, Duration.ofMillis(50)))
        .withMessage("sleep 60 did not end within 50 ms");
  }
}
