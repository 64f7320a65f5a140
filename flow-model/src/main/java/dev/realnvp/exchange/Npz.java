package dev.realnvp.exchange;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Named arrays in NumPy's {@code .npz} format: a zip file with one {@code NAME.npy} per array. */
public final class Npz {

  private static final String SUFFIX = ".npy";
  private static final Pattern NAME = Pattern.compile("(\\w+)[.]npy");

  /** The time of every entry, so that equal arrays make equal files. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  /** The bytes that may be unpacked from any file ... */
  private static final long UNPACKED = 64 << 20;

  /** ... and the additional bytes for each byte of its size. */
  private static final long UNPACKING = 20;

  private Npz() {}

  /** Writes arrays by name, in their order; the stream stays open. */
  public static void write(Map<String, NpyArray> arrays, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
      ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
      entry.setTimeLocal(TIME);
      zip.putNextEntry(entry);
      array.getValue().write(zip);
      zip.closeEntry();
    }
    zip.finish();
  }

  /**
   * Reads all arrays, by name; the stream stays open. Arrays that are larger than declared, or that
   * unpack to much more than the file's size, are refused before memory is allocated: the values of
   * a flow hardly compress.
   *
   * @param bytes the length of the stream
   * @throws IllegalArgumentException if it is not such a file, is truncated, has an array twice or
   *     one that {@link NpyArray#read} refuses, or unpacks to too much
   */
  public static Map<String, NpyArray> read(InputStream in, long bytes) throws IOException {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    long most = UNPACKED + bytes * UNPACKING;
    long left = most;
    ZipInputStream zip = new ZipInputStream(in);
    try {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Matcher name = NAME.matcher(entry.getName());
        if (!name.matches()) {
          throw new IllegalArgumentException("not only arrays in the .npz file");
        }
        NpyArray array = read(name.group(1), zip, left, "%d of %d".formatted(most, bytes));
        left -= array.elements().length;
        if (arrays.put(name.group(1), array) != null) {
          throw new IllegalArgumentException("array %s is there twice".formatted(name.group(1)));
        }
      }
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException("damaged .npz file", e);
    }
    if (arrays.isEmpty()) {
      throw new IllegalArgumentException("no .npz file");
    }
    return arrays;
  }

  private static NpyArray read(String name, InputStream npy, long left, String allowed)
      throws IOException {
    try {
      return NpyArray.read(
          npy,
          size -> {
            if (size > left) {
              throw new IllegalArgumentException(
                  "%d bytes of elements, with which the file unpacks to more than the %s packed"
                          .formatted(size, allowed)
                      + " bytes that are expected at most");
            }
          });
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("array " + name + ": " + e.getMessage(), e);
    }
  }
}
