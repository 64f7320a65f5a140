package dev.realnvp.spark;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * What is dear to make and serves all tests of a JVM. It outlives JUnit's root context, of which
 * Surefire makes one per test class where it runs several JVMs.
 */
public final class PerJvm {

  private static final Map<Object, Object> MADE = new HashMap<>();
  private static final Deque<AutoCloseable> CLOSING = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(PerJvm::close));
  }

  private PerJvm() {}

  /** What the key stands for, made when it is first asked for. */
  public static synchronized <T> T get(Class<T> key, Callable<?> make) {
    Object made = MADE.get(key);
    if (made == null) {
      try {
        made = make.call();
      } catch (Exception e) {
        throw new IllegalStateException("cannot make " + key.getName(), e);
      }
      MADE.put(key, made);
    }
    return key.cast(made);
  }

  /** Runs when the JVM ends; what was asked for last, first. */
  public static synchronized void atExit(AutoCloseable close) {
    CLOSING.push(close);
  }

  private static synchronized void close() {
    for (AutoCloseable close : CLOSING) {
      try {
        close.close();
      } catch (Exception e) {
        e.printStackTrace();
      }
    }
  }
}
