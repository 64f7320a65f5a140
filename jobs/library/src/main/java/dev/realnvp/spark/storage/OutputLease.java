package dev.realnvp.spark.storage;

import dev.realnvp.settings.Defaults;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write an output. One thread of one process has it at a time, until it closes the
 * lease or dies. {@link Claims} decides between processes; a daemon thread writes the signs of
 * life. A thread can take a lease that it has already, and keeps it until it has closed it as
 * often.
 *
 * <p>The folder of the output is created for the claim. At the end it is deleted with its created
 * parents, if they are empty.
 */
public final class OutputLease implements AutoCloseable {

  /**
   * Hadoop's name for {@code output.lease-seconds}; the default is that setting's. A program
   * without settings passes it to Spark as {@code spark.hadoop.realnvp.output.lease-seconds}.
   */
  public static final String SECONDS = "realnvp.output.lease-seconds";

  private static final Logger LOG = LoggerFactory.getLogger(OutputLease.class);

  /** The leases of this process, by path. */
  private static final Map<Path, OutputLease> TAKEN = new HashMap<>();

  private static final ScheduledThreadPoolExecutor RENEWERS = renewers();

  private final Location output;
  private final String called;
  private final Thread owner = Thread.currentThread();
  private final Claim claim;
  private final Claims claims;
  private final List<Location> madeFolders = new ArrayList<>();
  private int depth = 1;
  private String token;
  private ScheduledFuture<?> renewal;

  private OutputLease(Location output, String called, int seconds) {
    this.output = output;
    this.called = called;
    this.claim = Claim.now(seconds);
    this.claims = new Claims(output, called);
  }

  private static ScheduledThreadPoolExecutor renewers() {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            4,
            work -> {
              Thread thread = new Thread(work, "output-lease");
              thread.setDaemon(true);
              return thread;
            });
    pool.setRemoveOnCancelPolicy(true);
    pool.setKeepAliveTime(1, TimeUnit.MINUTES);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Takes the lease of an output.
   *
   * @throws OutputInUseException if another writer has it; the message names that writer
   * @throws InvalidInputException if the output is not a path, or is the root folder
   */
  public static OutputLease take(Configuration hadoop, String target) throws IOException {
    Location output = place(hadoop, target);
    return take(hadoop, output, "Output " + output.display());
  }

  /**
   * Takes the lease of files with a name in a folder that other writers may use too.
   *
   * @param folder which is not created for the claim; the claim is beside it
   * @param name of the files
   */
  public static OutputLease take(Configuration hadoop, String folder, String name)
      throws IOException {
    Location place = place(hadoop, folder);
    return take(
        hadoop,
        place.sibling(place.path().getName() + "-" + name),
        "%s of %s".formatted(place.display(), name));
  }

  private static Location place(Configuration hadoop, String target) {
    Location place = Location.of(hadoop, target);
    if (place.path().isRoot()) {
      throw new InvalidInputException("Cannot write to '" + target + "': it is the root folder");
    }
    return place;
  }

  private static OutputLease take(Configuration hadoop, Location output, String called)
      throws IOException {
    OutputLease lease;
    synchronized (TAKEN) {
      lease = TAKEN.get(output.path());
      if (lease != null) {
        if (lease.owner != Thread.currentThread()) {
          throw lease.claims.inUse(Optional.of(lease.claim));
        }
        lease.depth++;
        return lease;
      }
      lease = new OutputLease(output, called, seconds(hadoop));
      TAKEN.put(output.path(), lease);
    }
    try {
      lease.claim();
      return lease;
    } catch (Throwable e) {
      lease.forget();
      throw e;
    }
  }

  private static int seconds(Configuration hadoop) {
    String given = hadoop.get(SECONDS);
    return given == null
        ? Defaults.resolved().getInt("output.lease-seconds")
        : Integer.parseInt(given);
  }

  private void claim() throws IOException {
    Location folder = output.parent();
    for (Location missing = folder; !missing.exists(); missing = missing.parent()) {
      madeFolders.add(missing);
    }
    try {
      folder.fileSystem().mkdirs(folder.path());
      token = claims.claim(claim);
    } catch (Throwable e) {
      deleteEmptyFolders();
      throw e;
    }
    long quarter = TimeUnit.SECONDS.toMillis(claim.leaseSeconds()) / 4;
    renewal = RENEWERS.scheduleWithFixedDelay(this::renew, quarter, quarter, TimeUnit.MILLISECONDS);
  }

  private synchronized void renew() {
    try {
      if (token != null && claims.has(token)) {
        claims.renew(token);
      }
    } catch (Throwable e) {
      // An exception here would silently end all later signs of life.
      LOG.warn("{}: no sign of life could be written", called, e);
    }
  }

  /**
   * To be called just before an action that only the writer of the output may do.
   *
   * @throws OutputInUseException if this process was suspended for longer than its lease, and
   *     counted as dead
   */
  public void verify() throws IOException {
    if (!claims.has(token)) {
      throw new OutputInUseException(
          "%s was given to another writer, since this process stood still for more than %d s"
                  .formatted(called, claim.leaseSeconds())
              + " (setting output.lease-seconds): nothing was put in its place");
    }
  }

  /**
   * Looks at all leases of this thread while it works for long. A file system that does not answer
   * takes none away.
   *
   * @throws OutputInUseException as {@link #verify}
   */
  public static void verifyOwn() {
    List<OutputLease> own;
    synchronized (TAKEN) {
      own = TAKEN.values().stream().filter(l -> l.owner == Thread.currentThread()).toList();
    }
    for (OutputLease lease : own) {
      try {
        lease.verify();
      } catch (IOException e) {
        LOG.warn("{}: the claim could not be looked at", lease.called, e);
      }
    }
  }

  /** Returns the lease. A claim that cannot be deleted is left to the next writer. */
  @Override
  public void close() {
    synchronized (TAKEN) {
      depth--;
      if (depth > 0) {
        return;
      }
    }
    renewal.cancel(false);
    try {
      withdraw();
      deleteEmptyFolders();
    } finally {
      forget();
    }
  }

  private synchronized void withdraw() {
    String last = token;
    token = null;
    try {
      claims.withdraw(last);
    } catch (IOException | RuntimeException | FSError e) {
      LOG.warn("{}: the claim could not be deleted", called, e);
    }
  }

  private void deleteEmptyFolders() {
    try {
      for (Location made : madeFolders) {
        if (!made.deleteIfEmpty()) {
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}: an empty folder could not be deleted", called, e);
    }
  }

  private void forget() {
    synchronized (TAKEN) {
      TAKEN.remove(output.path());
    }
  }
}
