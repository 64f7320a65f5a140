package dev.realnvp.spark.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFingerprintTest {

  @TempDir private Path temp;

  private static String fingerprint(Path folder) {
    return ImagesWriter.fingerprint(new Configuration(), folder.toString());
  }

  private Path pngs() throws IOException {
    for (String name : new String[] {"train/3/a b.png", "train/4/b.png", "test/3/c.png"}) {
      TestFiles.png(temp.resolve("png").resolve(name), TestFiles.grey(4, 4, name.length()));
    }
    return temp.resolve("png");
  }

  @Test
  void idxFilesAreKnownByTheirContentWhereverTheyAre() throws IOException {
    Path folder = temp.resolve("idx");
    TestFiles.idxFolder(folder, 11, 4);
    String before = fingerprint(folder);
    assertThat(before).matches("[0-9a-f]{32}");
    Files.writeString(folder.resolve("notes.txt"), "no image");
    Path moved = Files.move(folder, temp.resolve("moved idx"));
    Path labels = moved.resolve("train-labels-idx1-ubyte");
    Files.setLastModifiedTime(labels, FileTime.fromMillis(1_000_000));
    assertThat(fingerprint(moved)).isEqualTo(before);

    byte[] bytes = Files.readAllBytes(labels);
    bytes[bytes.length - 1] ^= 1;
    Files.write(labels, bytes);
    assertThat(fingerprint(moved)).isNotEqualTo(before);
  }

  @Test
  void pngsAreKnownByNameLengthAndTimeWhereverTheyAre() throws IOException {
    Path folder = Files.move(pngs(), temp.resolve("moved"));
    String before = fingerprint(folder);
    Files.writeString(folder.resolve("train/3/notes.txt"), "no image");
    assertThat(fingerprint(Files.move(folder, temp.resolve("moved again")))).isEqualTo(before);
    folder = temp.resolve("moved again");

    Path png = folder.resolve("train/4/b.png");
    FileTime time = Files.getLastModifiedTime(png);
    Files.setLastModifiedTime(png, FileTime.fromMillis(time.toMillis() + 5_000));
    assertThat(fingerprint(folder)).isNotEqualTo(before);
    Files.setLastModifiedTime(png, time);
    assertThat(fingerprint(folder)).isEqualTo(before);

    Files.move(png, folder.resolve("train/4/other.png"));
    assertThat(fingerprint(folder)).isNotEqualTo(before);
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> fingerprint(temp.resolve("nothing")))
        .withMessageContaining("nothing does not exist");
  }
}
