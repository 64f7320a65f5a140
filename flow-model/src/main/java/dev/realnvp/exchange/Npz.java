package dev.realnvp.exchange;

import java.io.ByteArrayInputStream;
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

/** Named arrays in NumPy's {@code .npz} format: a zip file with a {@code NAME.npy} each. */
public final class Npz {

  private static final String SUFFIX = ".npy";
  private static final Pattern NAME = Pattern.compile("(\\w+)[.]npy");

  /** Of every entry, so that equal arrays make equal files. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

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
   * Reads all arrays, by name; the stream stays open.
   *
   * @throws IllegalArgumentException if it is no such file, or torn, or has an array that {@link
   *     NpyArray#read} refuses
   */
  public static Map<String, NpyArray> read(InputStream in) throws IOException {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    ZipInputStream zip = new ZipInputStream(in);
    try {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Matcher name = NAME.matcher(entry.getName());
        if (!name.matches()) {
          throw new IllegalArgumentException("not only arrays in the .npz file");
        }
        // To the end first, where the sum of the bytes is compared.
        arrays.put(name.group(1), read(name.group(1), zip.readAllBytes()));
      }
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException("damaged .npz file", e);
    }
    if (arrays.isEmpty()) {
      throw new IllegalArgumentException("no .npz file");
    }
    return arrays;
  }

  private static NpyArray read(String name, byte[] npy) throws IOException {
    try {
      return NpyArray.read(new ByteArrayInputStream(npy));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException("array " + name + ": " + e.getMessage(), e);
    }
  }
}
