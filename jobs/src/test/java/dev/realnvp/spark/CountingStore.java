package dev.realnvp.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The local disk under {@code counted:///}, which counts what an object store would be asked: a
 * request wherever a reader begins, or goes on elsewhere than where it stopped, and the bytes.
 */
public final class CountingStore extends OtherDisk {

  private static final URI NAME = URI.create("counted:///");
  private static final AtomicLong REQUESTS = new AtomicLong();
  private static final AtomicLong BYTES = new AtomicLong();
  private static final Set<String> OPENED = ConcurrentHashMap.newKeySet();

  /** Hadoop's settings, with this file system. */
  public static void register(Configuration hadoop) {
    hadoop.setClass("fs.counted.impl", CountingStore.class, FileSystem.class);
  }

  /** Requests since the last call. */
  public static long requests() {
    return REQUESTS.getAndSet(0);
  }

  /** Bytes since the last call. */
  public static long bytes() {
    return BYTES.getAndSet(0);
  }

  /** The files that were opened since the last call. */
  public static Set<String> opened() {
    Set<String> opened = Set.copyOf(OPENED);
    OPENED.clear();
    return opened;
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    OPENED.add(file.toUri().getPath());
    return new FSDataInputStream(new Counted(super.open(file, bufferSize)));
  }

  private static final class Counted extends FSInputStream {
    private final FSDataInputStream in;
    private long served = -1;

    Counted(FSDataInputStream in) {
      this.in = in;
    }

    private void count(long read) throws IOException {
      if (read > 0) {
        if (in.getPos() - read != served) {
          REQUESTS.incrementAndGet();
        }
        served = in.getPos();
        BYTES.addAndGet(read);
      }
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int read = in.read(to, offset, length);
      count(read);
      return read;
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
