package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Models on disk, of now and of before. */
class SavedModelTest {

  private static DataSet batch(long seed) {
    return RealNVP.trainingBatch(Networks.rows(seed, 32, 4), Networks.rows(seed + 100, 32, 2));
  }

  private static RealNVP trained() {
    RealNVP flow = RealNVP.create(Configs.small(4, 2, 2, 5), Configs.ADAM);
    for (int i = 0; i < 20; i++) {
      flow.network().fit(batch(i));
    }
    return flow;
  }

  private static byte[] save(RealNVP flow) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelSerializer.writeModel(flow.network(), out, true);
    return out.toByteArray();
  }

  private static MultiLayerNetwork load(InputStream in) throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(in, true);
  }

  @Test
  void aLoadedFlowIsTheSameAndTrainsOnAlike() throws IOException {
    RealNVP flow = trained();
    RealNVP loaded = RealNVP.of(load(new ByteArrayInputStream(save(flow))));
    assertThat(loaded.network().params()).isEqualTo(flow.network().params());
    assertThat(loaded.network().updaterState()).isEqualTo(flow.network().updaterState());
    for (int i = 20; i < 30; i++) {
      flow.network().fit(batch(i));
      loaded.network().fit(batch(i));
    }
    assertThat(loaded.network().params()).isEqualTo(flow.network().params());
    assertThat(loaded.network().score()).isEqualTo(flow.network().score());
  }

  @Test
  void anOldModelStillGivesItsLogProbabilities() throws IOException {
    JsonNode old = new ObjectMapper().readTree(resource("/golden/model.json"));
    RealNVP flow = RealNVP.of(load(resource("/golden/model.zip")));
    INDArray x = rows(old, "inputs");
    INDArray context = rows(old, "contexts");
    double[] expected = new ObjectMapper().convertValue(old.get("logProb"), double[].class);
    double[] logProb = new double[expected.length];
    FlowEngine.of(flow).logProb(Networks.floats(x), Networks.context(context), logProb);
    assertThat(logProb).containsExactly(expected, within(1e-4));
    assertThat(Networks.logProb(flow, x, context)).containsExactly(expected, within(1e-4));
  }

  private static INDArray rows(JsonNode json, String name) {
    return Nd4j.createFromArray(new ObjectMapper().convertValue(json.get(name), float[][].class));
  }

  private static InputStream resource(String name) {
    return SavedModelTest.class.getResourceAsStream(name);
  }

  /** Makes golden/model.zip and golden/model.json anew, in the folder given. */
  public static void main(String[] folder) throws IOException {
    RealNVP flow = trained();
    INDArray x = Networks.rows(71, 3, 4);
    INDArray context = Networks.rows(72, 3, 2);
    Files.write(Path.of(folder[0], "model.zip"), save(flow));
    new ObjectMapper()
        .writeValue(
            Path.of(folder[0], "model.json").toFile(),
            Map.of(
                "inputs",
                x.toFloatMatrix(),
                "contexts",
                context.toFloatMatrix(),
                "logProb",
                Networks.logProb(flow, x, context)));
  }
}
