package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.ObjectStore;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicOutputObjectStoreTest extends AtomicOutputContract {
  @TempDir private java.nio.file.Path temp;

  @Override
  Path folder() {
    ObjectStore.register(hadoop);
    return new Path("objects://" + temp);
  }

  @AfterEach
  void revive() {
    ObjectStore.revive();
  }

  /** Writes, killed after so many steps; true if it was done before. */
  private boolean survives(int steps, SaveMode policy, String content) throws IOException {
    ObjectStore.killAfter(steps);
    try {
      write(policy, content);
      return true;
    } catch (ObjectStore.Killed e) {
      return false;
    } finally {
      ObjectStore.revive();
    }
  }

  /** What a reader finds: "nothing", "refused", or the content of a whole output. */
  private String found() throws IOException {
    if (!fileSystem.exists(target)) {
      return "nothing";
    }
    try {
      new Location(fileSystem, target).requireComplete();
    } catch (InvalidInputException e) {
      return "refused";
    }
    String content = content(new Path(target, "part-0"));
    assertWhole(content);
    return content;
  }

  @Test
  void killedAtAnyStepItIsWholeOrRefused() throws IOException {
    Set<String> seen = new HashSet<>();
    boolean done = false;
    for (int steps = 0; !done; steps++) {
      done = survives(steps, SaveMode.ErrorIfExists, "new");
      seen.add(found());
      write(SaveMode.Overwrite, "next");
      assertOnly("next");
      fileSystem.delete(target, true);
    }
    assertThat(seen).containsExactlyInAnyOrder("nothing", "refused", "new");
  }

  @Test
  @Tag("nightly")
  void killedAtAnyStepOfReplacingTheOldIsWholeOrTheNewOrItIsRefused() throws IOException {
    Set<String> seen = new HashSet<>();
    boolean done = false;
    for (int steps = 0; !done; steps++) {
      write(SaveMode.Overwrite, "old");
      done = survives(steps, SaveMode.Overwrite, "new");
      seen.add(found());
    }
    assertThat(seen).containsExactlyInAnyOrder("old", "refused", "new");
    assertOnly("new");
  }

  @Test
  void anIncompleteOutputNeedsNoOverwrite() throws IOException {
    int steps = 0;
    while (!found().equals("refused")) {
      survives(steps++, SaveMode.Overwrite, "half");
    }
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> new Location(fileSystem, target).requireComplete())
        .withMessage(
            target
                + " is incomplete (_incomplete lies in it): the job that wrote it was interrupted;"
                + " run that job again");
    assertThat(AtomicOutput.exists(hadoop, target.toString())).isFalse();
    write(SaveMode.ErrorIfExists, "new");
    assertOnly("new");
  }
}
