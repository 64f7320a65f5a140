package dev.realnvp.model;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * The entries of a zip, one after the other, each of a name and size that is known before it is
 * read. What the zip's own headers say about sizes is not believed: bytes are counted.
 */
final class ModelZip {

  private final ZipInputStream zip;

  /** The stream stays open. */
  ModelZip(InputStream in) {
    zip = new ZipInputStream(new BufferedInputStream(in));
  }

  /**
   * The next entry's content, whose check sum is right.
   *
   * @param name that it has to have
   * @param most bytes that it may have when unpacked
   * @throws ZipException if it is another one, too large, or damaged
   */
  byte[] entry(String name, int most) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null) {
      throw new ZipException("it ends where " + name + " is expected");
    }
    return content(entry, name, most);
  }

  /** The last entry's content, or null where there is none. */
  byte[] lastEntry(String name, int most) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null) {
      return null;
    }
    byte[] content = content(entry, name, most);
    ZipEntry another = zip.getNextEntry();
    if (another != null) {
      throw new ZipException("it goes on with " + shown(another) + ", expected its end");
    }
    return content;
  }

  private byte[] content(ZipEntry entry, String name, int most) throws IOException {
    if (!entry.getName().equals(name)) {
      throw new ZipException("it has " + shown(entry) + " where " + name + " is expected");
    }
    // Grows with what is there, however much that claims to be; the check sum is compared at its
    // end.
    byte[] content = zip.readNBytes(most);
    if (zip.read() >= 0) {
      throw new ZipException(name + " has more than " + most + " bytes, all that it may have");
    }
    return content;
  }

  private static String shown(ZipEntry entry) {
    return "an entry '" + entry.getName() + "'";
  }
}
