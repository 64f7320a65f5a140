package dev.realnvp.build;

import java.io.File;
import java.io.IOException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntryPredicate;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Puts the native libraries of other jars into a jar, compressed as they are: the Shade plugin
 * would compress them again. Their {@code META-INF} says nothing that the first jar lacks.
 */
public final class JoinedJar {

  private JoinedJar() {}

  /** The jar to write, the one to start with, and the path of those with libraries. */
  public static void main(String[] args) throws IOException {
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(new File(args[0]))) {
      copy(args[1], entry -> true, out);
      for (String libraries : args[2].split(File.pathSeparator)) {
        copy(
            libraries,
            entry -> !entry.isDirectory() && !entry.getName().startsWith("META-INF/"),
            out);
      }
    }
  }

  @SuppressWarnings("deprecation") // In the version of Spark 4; that of 3.5 has no other way.
  private static void copy(String jar, ZipArchiveEntryPredicate which, ZipArchiveOutputStream out)
      throws IOException {
    try (ZipFile in = new ZipFile(new File(jar))) {
      in.copyRawEntries(out, which);
    }
  }
}
