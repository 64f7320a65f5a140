package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class SavedProgressTest extends InterruptedTrainings {

  @Test
  void theNewestThatCanBeReadTellsHowFarATrainingIs() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    assertThat(SavedProgress.newest(new Configuration(), folder.resolve("no") + "", "small"))
        .isEmpty();
    interrupt(ONE_WORKER, 5, checkpoints);

    SavedProgress progress = progress().orElseThrow();

    assertThat(progress.epoch()).isEqualTo(2);
    assertThat(progress.step()).isEqualTo(6);
    assertSameHistory(
        progress.history(),
        fit(network(), ONE_WORKER, Master.AVERAGING, new TrainingListener() {}, null)
            .subList(0, 1));
    replace(files().get(0), new byte[20]);
    assertThat(progress().orElseThrow().step()).isEqualTo(3);
    replace(files().get(1), new byte[0]);
    assertThat(progress()).isEmpty();
    assertThat(SavedProgress.newest(new Configuration(), folder.toString(), "other")).isEmpty();
  }

  private Optional<SavedProgress> progress() throws IOException {
    return SavedProgress.newest(new Configuration(), folder.toString(), "small");
  }
}
