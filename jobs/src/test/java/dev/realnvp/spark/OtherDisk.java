package dev.realnvp.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk under another scheme than {@code file:}, that of {@link #getUri}. */
abstract class OtherDisk extends RawLocalFileSystem {

  @Override
  public final String getScheme() {
    return getUri().getScheme();
  }

  /** The local disk's own asks the system for permissions, which it only has for file:. */
  @Override
  public final FileStatus getFileStatus(Path path) throws IOException {
    FileStatus local = super.getFileStatus(path);
    return new FileStatus(
        local.getLen(),
        local.isDirectory(),
        local.getReplication(),
        local.getBlockSize(),
        local.getModificationTime(),
        local.getPath());
  }
}
