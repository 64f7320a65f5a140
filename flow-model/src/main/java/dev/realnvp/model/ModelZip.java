package dev.realnvp.model;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * The entries of a zip, one after the other; the name and the maximal size of each are known in
 * advance. The sizes in the zip's own headers are not trusted: bytes are counted.
 */
final class ModelZip {

  private final ZipInputStream zip;

  /** The stream stays open. */
  ModelZip(InputStream in) {
    zip = new ZipInputStream(new BufferedInputStream(in));
  }

  /**
   * The next entry's content, after a check of its checksum.
   *
   * @param name the expected name
   * @param most the largest allowed number of unpacked bytes
   * @throws ZipException if it has another name, is too large, or is damaged
   */
  byte[] entry(String name, int most) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null) {
      throw new ZipException("it ends where " + name + " is expected");
    }
    return content(entry, name, most);
  }

  /** The last entry's content, or null if there is none. */
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
    // Grows with the data that is there, whatever size it claims; the checksum is compared at the
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
