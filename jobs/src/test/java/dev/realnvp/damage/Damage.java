package dev.realnvp.damage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.lang3.ArrayUtils;

/** Something that happens to the files of a folder. */
enum Damage {
  /** One bit is another. */
  FLIPPED_BIT(
      (bytes, random) -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      }),
  /** Some bytes are others. */
  FLIPPED_BYTES(
      (bytes, random) -> {
        for (int i = random.nextInt(16); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
      }),
  /** A run of bytes has one value: a block that was never written, say. */
  FILLED(
      (bytes, random) -> {
        int from = random.nextInt(bytes.length);
        int to = from + 1 + random.nextInt(bytes.length - from);
        Arrays.fill(bytes, from, to, random.nextBoolean() ? 0 : (byte) -1);
        return bytes;
      }),
  /** The end is missing. */
  CUT((bytes, random) -> Arrays.copyOf(bytes, random.nextInt(bytes.length))),
  /** Two runs of bytes have changed places. */
  SWAPPED_BYTES(
      (bytes, random) -> {
        int length = 1 + random.nextInt(Math.max(1, bytes.length / 4));
        int from = random.nextInt(bytes.length - length + 1);
        int to = random.nextInt(bytes.length - length + 1);
        byte[] swapped = bytes.clone();
        System.arraycopy(bytes, from, swapped, to, length);
        System.arraycopy(bytes, to, swapped, from, length);
        return swapped;
      }),
  EMPTIED((bytes, random) -> new byte[0]),
  /** The content stands there twice. */
  DOUBLED((bytes, random) -> ArrayUtils.addAll(bytes, bytes)),
  /** Garbage stands in the middle. */
  INSERTED(
      (bytes, random) -> {
        byte[] garbage = new byte[1 + random.nextInt(64)];
        random.nextBytes(garbage);
        return ArrayUtils.insert(random.nextInt(bytes.length + 1), bytes, garbage);
      }),
  /** Two files have changed names. */
  SWAPPED_FILES {
    @Override
    void to(Path folder, Random random) throws IOException {
      Path one = file(folder, random);
      Path other = file(folder, random);
      byte[] content = Files.readAllBytes(one);
      Files.write(one, Files.readAllBytes(other));
      Files.write(other, content);
    }
  },
  /** A file is gone. */
  MISSING_FILE {
    @Override
    void to(Path folder, Random random) throws IOException {
      Files.delete(file(folder, random));
    }
  },
  /** There is a folder of a file's name. */
  FOLDER_FOR_FILE {
    @Override
    void to(Path folder, Random random) throws IOException {
      Path file = file(folder, random);
      Files.delete(file);
      Files.createDirectory(file);
    }
  },
  /** There is a file of a folder's name. */
  FILE_FOR_FOLDER {
    @Override
    void to(Path folder, Random random) throws IOException {
      Path inner = pick(paths(folder).stream().filter(Files::isDirectory).toList(), random);
      PathUtils.deleteDirectory(inner);
      Files.write(inner, new byte[random.nextInt(100)]);
    }
  };

  /** What becomes of a file's bytes, of which there is at least one, and which it may change. */
  private interface Bytes {
    byte[] of(byte[] bytes, Random random);
  }

  private final Bytes bytes;

  Damage() {
    this(null);
  }

  Damage(Bytes bytes) {
    this.bytes = bytes;
  }

  /** Whether this is done to the bytes of a file. */
  boolean isOfBytes() {
    return bytes != null;
  }

  /** Does it to a file of the folder, or to the folder. */
  void to(Path folder, Random random) throws IOException {
    Path file = file(folder, random);
    Files.write(file, bytes.of(Files.readAllBytes(file), random));
  }

  /** One of the files that hold anything. */
  private static Path file(Path folder, Random random) throws IOException {
    return pick(
        paths(folder).stream()
            .filter(Files::isRegularFile)
            .filter(path -> path.toFile().length() > 0)
            .toList(),
        random);
  }

  private static Path pick(List<Path> paths, Random random) {
    return paths.get(random.nextInt(paths.size()));
  }

  /** The folder and all in it, in the same order whenever. */
  static List<Path> paths(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted().toList();
    }
  }
}
