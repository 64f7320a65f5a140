package dev.realnvp.spark.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims to one output, by which exactly one of several writers gets it, on file systems that
 * cannot create a file only if none exists. A writer has up to two hidden siblings of the output
 * {@code NAME}: {@code .NAME.lease-TOKEN}, its {@link Claim}, and {@code .NAME.held-TOKEN}, an
 * empty file, which says that it holds the output. The later time of change of the two is its last
 * sign of life.
 *
 * <p><b>At most one holds it.</b> A writer writes its claim, and then lists all claims. It holds
 * the output only if the list has no living claim of another writer. Of two writers, the one that
 * wrote its claim last sees the other's. This requires only one thing of the file system: a listing
 * has the files that were written before. Local disks, HDFS and S3 (since December 2020) guarantee
 * that.
 *
 * <p><b>One of them gets it.</b> Among writers that see each other, and hold nothing yet, the one
 * with the smallest token waits for the others, which withdraw.
 *
 * <p><b>The claim of a dead writer does not count.</b> On the same machine the process itself is
 * checked. A writer on another machine is dead if its last sign of life is as old as its lease, by
 * the clock of the file system, which also wrote the time of this writer's own claim. If a claim is
 * at least half that old, this writer waits until it is renewed or dead. A writer that was
 * suspended for that long finds its claim gone ({@link #has}).
 */
final class Claims {

  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  private static final String LEASE = "lease-";
  private static final String HELD = "held-";

  /** Milliseconds between two listings. */
  private static final long FIRST_PAUSE = 10;

  private static final long LONGEST_PAUSE = 1000;

  /** How often a claim is written again if another program has just deleted its folder. */
  private static final int MOST_REWRITES = 100;

  /** How often a claim is read while its writer may be writing it. */
  private static final int MOST_READS = 20;

  /**
   * Claims of this process that it could not withdraw. They do not count, although the process is
   * alive.
   */
  private static final Set<String> ABANDONED = ConcurrentHashMap.newKeySet();

  private final String called;
  private final FileSystem files;
  private final Path output;
  private final Path folder;
  private final String prefix;

  /**
   * @param output whose folder exists, or is created with the first claim
   * @param called its name in messages
   */
  Claims(Location output, String called) {
    this.called = called;
    // On a local disk checksums are in a separate file, which is not written at the same time.
    this.files =
        output.fileSystem() instanceof FilterFileSystem filter
            ? filter.getRawFileSystem()
            : output.fileSystem();
    this.output = output.path();
    this.folder = output.path().getParent();
    this.prefix = "." + output.path().getName() + ".";
  }

  /**
   * A claim in a listing.
   *
   * @param claim null if it cannot be read
   * @param held whether its writer holds the output
   * @param renewed the last sign of life, by the file system's clock
   */
  private record Sighting(String token, Claim claim, boolean held, long renewed) {}

  /**
   * The result of a listing.
   *
   * @param own this writer's claim; null if it was missing
   * @param others the other writers' claims
   * @param orphans signs of life of writers that were considered dead, and have no claim any more
   */
  private record Seen(Sighting own, List<Sighting> others, Collection<FileStatus> orphans) {}

  /** The state of another writer. */
  private enum Life {
    SURE,
    /** Its sign of life is late. */
    DOUBTFUL,
    NONE
  }

  /**
   * Claims the output, and returns once this writer holds it.
   *
   * @return the token
   * @throws OutputInUseException if another living writer has it, or will get it
   */
  String claim(Claim mine) throws IOException {
    String token = UUID.randomUUID().toString();
    try {
      await(token, mine);
      return token;
    } catch (Throwable e) {
      try {
        withdraw(token);
      } catch (IOException | RuntimeException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private void await(String token, Claim mine) throws IOException {
    write(token, mine);
    long renewed = System.nanoTime();
    long pause = FIRST_PAUSE;
    int rewrites = 0;
    while (true) {
      Seen seen = list(token);
      if (seen.own == null) {
        // A program that considered it dead, or its folder empty, may not have seen it.
        if (++rewrites > MOST_REWRITES) {
          throw new IOException("Could not write " + path(LEASE, token) + ": it is gone again");
        }
        write(token, mine);
        renewed = System.nanoTime();
        continue;
      }
      long now = seen.own.renewed + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - renewed);
      boolean free = true;
      for (Sighting other : seen.others) {
        Life life = life(other, now, mine.leaseSeconds());
        free &= life == Life.NONE;
        if (life == Life.SURE && (other.held || other.token.compareTo(token) < 0)) {
          Optional<Claim> rival = readPatiently(other);
          if (rival.isPresent() || has(other.token)) {
            throw inUse(rival);
          }
        }
      }
      if (free) {
        renew(token);
        if (has(token)) {
          removeStale(seen);
          return;
        }
        continue;
      }
      sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      if (System.nanoTime() - renewed > TimeUnit.SECONDS.toNanos(mine.leaseSeconds()) / 4) {
        write(token, mine);
        renewed = System.nanoTime();
      }
    }
  }

  private static Life life(Sighting other, long now, int ownLeaseSeconds) {
    Claim claim = other.claim;
    boolean visible = claim != null && claim.process().isVisible();
    if (visible && (!claim.process().isAlive() || ABANDONED.contains(other.token))) {
      return Life.NONE;
    }
    if (visible && other.held) {
      return Life.SURE;
    }
    long lease = TimeUnit.SECONDS.toMillis(claim == null ? ownLeaseSeconds : claim.leaseSeconds());
    long age = now - other.renewed;
    if (age >= lease) {
      return Life.NONE;
    }
    return age >= lease / 2 ? Life.DOUBTFUL : Life.SURE;
  }

  /** Whether a writer's claim is still there. */
  boolean has(String token) throws IOException {
    return files.exists(path(LEASE, token));
  }

  /** Writes a sign of life for a writer that holds the output. */
  void renew(String token) throws IOException {
    files.create(path(HELD, token), true).close();
  }

  void withdraw(String token) throws IOException {
    ABANDONED.add(token);
    files.delete(path(HELD, token), false);
    files.delete(path(LEASE, token), false);
    ABANDONED.remove(token);
  }

  private void write(String token, Claim claim) throws IOException {
    for (int i = 0; ; i++) {
      try (FSDataOutputStream out = files.create(path(LEASE, token), true)) {
        out.write(claim.toJson().getBytes(StandardCharsets.UTF_8));
        return;
      } catch (IOException e) {
        // A writer that ends deletes the folder that it created, if that is empty.
        if (i == MOST_REWRITES || files.exists(folder)) {
          throw e;
        }
      }
    }
  }

  /** Deletes the files of dead writers, as far as this user may. */
  private void removeStale(Seen dead) {
    try {
      for (Sighting one : dead.others) {
        LOG.warn("{}: its writer ended without a word: {}", called, one.claim);
        files.delete(path(HELD, one.token), false);
        files.delete(path(LEASE, one.token), false);
      }
      for (FileStatus orphan : dead.orphans) {
        files.delete(orphan.getPath(), false);
      }
    } catch (IOException e) {
      LOG.warn("{}: what its last writer left stays", called, e);
    }
  }

  private Seen list(String ownToken) throws IOException {
    Map<String, FileStatus> leases = new HashMap<>();
    Map<String, FileStatus> held = new HashMap<>();
    for (FileStatus file : new Location(files, output).siblings(prefix)) {
      String name = file.getPath().getName();
      if (name.startsWith(prefix + LEASE)) {
        leases.put(name.substring((prefix + LEASE).length()), file);
      } else if (name.startsWith(prefix + HELD)) {
        held.put(name.substring((prefix + HELD).length()), file);
      }
    }
    Sighting own = null;
    List<Sighting> others = new ArrayList<>();
    for (Map.Entry<String, FileStatus> lease : leases.entrySet()) {
      String token = lease.getKey();
      FileStatus holds = held.remove(token);
      long renewed = lease.getValue().getModificationTime();
      if (token.equals(ownToken)) {
        own = new Sighting(token, null, false, renewed);
      } else {
        others.add(
            new Sighting(
                token,
                read(token),
                holds != null,
                holds == null ? renewed : Math.max(renewed, holds.getModificationTime())));
      }
    }
    return new Seen(own, others, held.values());
  }

  private Claim read(String token) {
    try (FSDataInputStream in = files.open(path(LEASE, token))) {
      return Claim.fromJson(IOUtils.toString(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It is gone, or belongs to another user; the listing shows which of its files exist.
      return null;
    }
  }

  /** Reads a claim for a message; its writer may be writing it at the same time. */
  private Optional<Claim> readPatiently(Sighting other) throws IOException {
    Claim claim = other.claim;
    for (int i = 0; claim == null && i < MOST_READS && has(other.token); i++) {
      sleep(FIRST_PAUSE);
      claim = read(other.token);
    }
    return Optional.ofNullable(claim);
  }

  /** The error for an output that another writer has. */
  OutputInUseException inUse(Optional<Claim> by) {
    return new OutputInUseException(
        "%s is being written by %s: wait for it, or write to another place"
            .formatted(
                called,
                by.map(Claim::display).orElse("another program, whose claim cannot be read")));
  }

  private Path path(String kind, String token) {
    return new Path(folder, prefix + kind + token);
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while other writers were waited for", e);
    }
  }
}
