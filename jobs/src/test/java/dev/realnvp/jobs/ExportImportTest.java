package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.exchange.FlowOnnx;
import dev.realnvp.exchange.NpyArray;
import dev.realnvp.exchange.Npz;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flow goes out as a file and comes back. */
class ExportImportTest {

  private final PetsRun pets = SharedRuns.pets();

  @TempDir private Path folder;
  private Runs runs;

  @BeforeEach
  void start() {
    runs =
        Runs.in(
            folder,
            "paths.flow=" + pets.runs().path("flow"),
            "paths.exported=" + folder.resolve("exported"));
  }

  private void comesBack() throws IOException {
    runs.run(new Import(), "", "paths.flow=" + runs.path("flow"));
  }

  @Test
  void theFlowThatComesBackIsTheSame() throws IOException {
    assertThat(runs.run(new Export(), "")).isEqualTo(runs.path("exported"));
    comesBack();
    StoredModel before = pets.model();
    StoredModel after = runs.flow("");
    assertThat(after.network().params().toFloatVector())
        .isEqualTo(before.network().params().toFloatVector());
    assertThat(after.manifest().id()).isEqualTo(before.manifest().id());
    assertThat(after.manifest().parents()).isEqualTo(before.manifest().parents());
    assertThat(RealNVP.of(after.network()).layers())
        .hasSameSizeAs(RealNVP.of(before.network()).layers());
    // Whatever exists stays, unless it may be replaced.
    runs.refused(false, new Export(), "").contains("exported exists already");
    runs.refused(false, new Import(), "", "paths.flow=" + runs.path("flow"))
        .contains("flow exists already");
    runs.run(new Import(), "", "paths.flow=" + runs.path("flow"), "overwrite=true");
  }

  @Test
  void aFileThatIsNoFlowIsNamedAndNothingIsWritten() throws IOException {
    Path file = Path.of(runs.path("exported"));
    refusesToImport("there is no " + file);
    Files.writeString(file, "no zip file");
    refusesToImport("cannot import " + file + ": no .npz file");
    try (OutputStream out = Files.newOutputStream(file)) {
      Npz.write(Map.of("0_W0", NpyArray.of(new float[1], 1)), out);
    }
    refusesToImport("cannot import " + file + ": config: there is no array config");
    assertThat(Path.of(runs.path("flow"))).doesNotExist();
  }

  private void refusesToImport(String message) {
    runs.refused(false, new Import(), "", "paths.flow=" + runs.path("flow")).startsWith(message);
  }

  @Test
  void aGraphIsWrittenInPlaceOfArrays() throws IOException {
    String exported = runs.run(new Export(), "", "export.format=onnx");
    RealNVP flow = RealNVP.of(pets.model().network());
    assertThat(Path.of(exported))
        .hasBinaryContent(
            FlowOnnx.of(flow, pets.model().manifest(), FlowModel.prior(pets.model(), flow)));
  }
}
