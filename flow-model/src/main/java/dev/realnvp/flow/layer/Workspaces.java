package dev.realnvp.flow.layer;

import java.util.function.Supplier;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;

/** Says where new arrays live. */
final class Workspaces {

  private Workspaces() {}

  /** Runs {@code work}, whose new arrays live as long as those of {@code type}. */
  @SuppressWarnings("try") // The scope is not referred to: it acts by being open.
  static <T> T within(LayerWorkspaceMgr workspaces, ArrayType type, Supplier<T> work) {
    try (MemoryWorkspace scope = workspaces.notifyScopeBorrowed(type)) {
      return work.get();
    }
  }
}
