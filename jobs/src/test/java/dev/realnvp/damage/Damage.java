package dev.realnvp.damage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;

/** Something that happens to the files of a folder. */
enum Damage {
  /** One bit is another. */
  FLIPPED_BIT {
    @Override
    byte[] of(byte[] bytes, Random random) {
      return changed(bytes, random, 1, at -> (byte) (bytes[at] ^ 1 << random.nextInt(8)));
    }
  },
  /** Some bytes are others. */
  FLIPPED_BYTES {
    @Override
    byte[] of(byte[] bytes, Random random) {
      return changed(bytes, random, 1 + random.nextInt(16), at -> (byte) random.nextInt());
    }
  },
  /** A run of bytes has one value: a block that was never written, say. */
  FILLED {
    @Override
    byte[] of(byte[] bytes, Random random) {
      byte[] filled = bytes.clone();
      int from = random.nextInt(bytes.length);
      int to = from + 1 + random.nextInt(bytes.length - from);
      Arrays.fill(filled, from, to, random.nextBoolean() ? 0 : (byte) -1);
      return filled;
    }
  },
  /** The end is missing. */
  CUT {
    @Override
    byte[] of(byte[] bytes, Random random) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
  },
  /** Two runs of bytes have changed places. */
  SWAPPED_BYTES {
    @Override
    byte[] of(byte[] bytes, Random random) {
      int length = 1 + random.nextInt(Math.max(1, bytes.length / 4));
      int from = random.nextInt(bytes.length - length + 1);
      int to = random.nextInt(bytes.length - length + 1);
      byte[] swapped = bytes.clone();
      System.arraycopy(bytes, from, swapped, to, length);
      System.arraycopy(bytes, to, swapped, from, length);
      return swapped;
    }
  },
  EMPTIED {
    @Override
    byte[] of(byte[] bytes, Random random) {
      return new byte[0];
    }
  },
  /** The content stands there twice. */
  DOUBLED {
    @Override
    byte[] of(byte[] bytes, Random random) {
      return inserted(bytes, bytes.length, bytes);
    }
  },
  /** Garbage stands in the middle. */
  INSERTED {
    @Override
    byte[] of(byte[] bytes, Random random) {
      byte[] garbage = new byte[1 + random.nextInt(64)];
      random.nextBytes(garbage);
      return inserted(bytes, random.nextInt(bytes.length + 1), garbage);
    }
  },
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

  /** What is done to one byte. */
  private interface Change {
    byte of(int at);
  }

  /** What becomes of a file's bytes, of which there is at least one. */
  byte[] of(byte[] bytes, Random random) {
    throw new UnsupportedOperationException(name() + " is not done to bytes");
  }

  /** Does it to a file of the folder, or to the folder. */
  void to(Path folder, Random random) throws IOException {
    Path file = file(folder, random);
    Files.write(file, of(Files.readAllBytes(file), random));
  }

  private static byte[] changed(byte[] bytes, Random random, int count, Change change) {
    byte[] changed = bytes.clone();
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(bytes.length);
      changed[at] = change.of(at);
    }
    return changed;
  }

  private static byte[] inserted(byte[] bytes, int at, byte[] more) {
    byte[] whole = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, whole, at, more.length);
    System.arraycopy(bytes, at, whole, at + more.length, bytes.length - at);
    return whole;
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

  /** Whether this is done to the bytes of a file. */
  boolean isOfBytes() {
    return compareTo(SWAPPED_FILES) < 0;
  }

  /** The folder and all in it, in the same order whenever. */
  static List<Path> paths(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted().toList();
    }
  }
}
