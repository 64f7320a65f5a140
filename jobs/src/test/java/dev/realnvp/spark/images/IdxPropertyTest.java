package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.hadoop.conf.Configuration;

/**
 * A damaged IDX file is refused with one line, or gives the right images: there is no third
 * outcome.
 */
class IdxPropertyTest {
  private static final int IMAGES = 7;
  private static final int IMAGE = TestFiles.HEIGHT * TestFiles.WIDTH;
  private static final Configuration HADOOP = new Configuration();
  private Path file;

  @BeforeTry
  void makeFile() throws IOException {
    file = Files.createTempFile("images", ".idx");
  }

  @AfterTry
  void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 300)
  void truncated(@ForAll boolean packed, @ForAll @IntRange(max = 1000) int share)
      throws IOException {
    byte[] whole = whole(packed);
    assertThat(read(Arrays.copyOf(whole, whole.length * share / 1001))).isNull();
  }

  @Property(tries = 500)
  void flippedBit(@ForAll boolean packed, @ForAll @IntRange(max = 16 * 8 - 1) int bit)
      throws IOException {
    byte[] bytes = whole(packed);
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    byte[] values = read(bytes);
    if (!packed) {
      assertThat(values).isNull();
    } else if (values != null) {
      // Some bits of gzip's header, its time say, mean nothing for the content.
      assertThat(values).isEqualTo(values(TestFiles.images(0, IMAGES)));
    }
  }

  @Property(tries = 300)
  void flippedBitBehindTheHeader(
      @ForAll boolean packed, @ForAll @IntRange(max = 1000) int share, @ForAll byte change)
      throws IOException {
    byte[] bytes = whole(packed);
    int at = 16 + (bytes.length - 16) * share / 1001;
    bytes[at] ^= change;
    byte[] values = read(bytes);
    if (packed) {
      assertThat(values == null || Arrays.equals(values, values(TestFiles.images(0, IMAGES))))
          .isTrue();
    } else {
      assertThat(values).isEqualTo(values(bytes));
    }
  }

  @Example
  void empty() throws IOException {
    assertThat(read(new byte[0])).isNull();
  }

  @Example
  void wholeFilesAreRead() throws IOException {
    assertThat(read(whole(false))).isEqualTo(values(TestFiles.images(0, IMAGES)));
    assertThat(read(whole(true))).isEqualTo(values(TestFiles.images(0, IMAGES)));
  }

  private static byte[] whole(boolean packed) throws IOException {
    byte[] plain = TestFiles.images(0, IMAGES);
    return packed ? TestFiles.gzip(plain) : plain;
  }

  private static byte[] values(byte[] idx) {
    return Arrays.copyOfRange(idx, 16, idx.length);
  }

  /** The values, each image read as a range of its own; null if the file is refused. */
  private byte[] read(byte[] content) throws IOException {
    Files.write(file, content);
    IdxFile idx;
    try {
      idx = IdxFile.open(HADOOP, Location.of(HADOOP, file.toString()), 3);
      idx.checkContent(HADOOP);
    } catch (InvalidInputException e) {
      assertThat(e.getMessage()).contains(file.toString()).doesNotContain("null", "\n");
      return null;
    }
    ByteArrayOutputStream values = new ByteArrayOutputStream();
    for (int i = 0; i < idx.rows(); i++) {
      try (DataInputStream in = idx.rowsFrom(HADOOP, i)) {
        values.write(in.readNBytes(IMAGE));
      }
    }
    return values.toByteArray();
  }
}
