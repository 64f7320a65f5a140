package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * The public mirrors of MNIST. A file is identified by the SHA-256 sum of its unpacked content,
 * which does not depend on how it was packed.
 *
 * @param mirrors addresses of folders, each with a slash at its end
 * @param sums of each file's unpacked content, by its name without .gz
 */
record MnistMirrors(List<URI> mirrors, Map<String, String> sums) {

  /** The limit of a file's unpacked bytes; the largest file has 47,040,016. */
  private static final long MOST_BYTES = 64L << 20;

  /** MNIST's sums, and the mirrors that machine learning libraries use. */
  static MnistMirrors standard() {
    Map<String, String> sums = new LinkedHashMap<>();
    sums.put(
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");
    sums.put(
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");
    sums.put(
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");
    sums.put(
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");
    return new MnistMirrors(
        List.of(
            URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/")),
        sums);
  }

  /**
   * Downloads all files of one mirror and checks them.
   *
   * @param folder the target folder; it exists
   * @throws IOException if a file cannot be downloaded, or has the wrong sum
   */
  void download(URI mirror, Path folder, Duration answer, Duration whole) throws IOException {
    Download download = new Download(answer, whole);
    for (Map.Entry<String, String> file : sums.entrySet()) {
      String name = file.getKey() + ".gz";
      Path path = folder.resolve(name);
      download.get(mirror.resolve(name), path);
      String sum;
      try {
        sum = sum(path);
      } catch (IOException e) {
        throw new IOException(
            "%s of %s is damaged (%s)".formatted(name, mirror.getHost(), e.getMessage()), e);
      }
      if (!sum.equals(file.getValue())) {
        throw new IOException(
            "%s of %s has the SHA-256 sum %s when unpacked, expected %s"
                .formatted(name, mirror.getHost(), sum, file.getValue()));
      }
    }
  }

  private static String sum(Path packed) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed), 1 << 16);
        DigestInputStream digested =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[1 << 16];
      long length = 0;
      for (int read = 0; read >= 0 && length <= MOST_BYTES; read = digested.read(buffer)) {
        length += read;
      }
      return HexFormat.of().formatHex(digested.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
