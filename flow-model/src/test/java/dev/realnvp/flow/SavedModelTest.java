package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Models on disk, also those that the tag before-redesign has written. */
class SavedModelTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static DataSet batch(long seed, RealNVP flow) {
    return RealNVP.trainingBatch(
        Networks.rows(seed, 32, flow.features()), Networks.rows(seed + 100, 32, flow.context()));
  }

  @Test
  void aLoadedFlowIsTheSameAndTrainsOnAlike() throws IOException {
    RealNVP flow = RealNVP.create(Configs.small(4, 2, 2, 5), Configs.ADAM);
    for (int i = 0; i < 20; i++) {
      flow.network().fit(batch(i, flow));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(flow.network(), out);
    RealNVP loaded = RealNVP.of(ModelStore.read(new ByteArrayInputStream(out.toByteArray())));
    assertThat(loaded.network().params()).isEqualTo(flow.network().params());
    assertThat(loaded.network().updaterState()).isEqualTo(flow.network().updaterState());
    for (int i = 20; i < 30; i++) {
      flow.network().fit(batch(i, flow));
      loaded.network().fit(batch(i, loaded));
    }
    assertThat(loaded.network().params()).isEqualTo(flow.network().params());
    assertThat(loaded.network().score()).isEqualTo(flow.network().score());
  }

  @ParameterizedTest
  @ValueSource(strings = {"affine", "spline"})
  void anOldModelGivesItsLogProbabilitiesAndTrainsOn(String name) throws IOException {
    JsonNode old = JSON.readTree(resource(name + ".json"));
    RealNVP flow = RealNVP.of(ModelStore.read(resource(name + ".zip")));
    float[] x = Networks.floats(rows(old, "inputs"));
    Context context = Networks.context(rows(old, "contexts"));
    double[] expected = JSON.convertValue(old.get("logProb"), double[].class);
    double[] logProb = new double[expected.length];
    FlowEngine.of(flow).logProb(x, context, logProb);
    assertThat(logProb).containsExactly(expected, within(1e-4));
    assertThat(ModelStore.id(flow.network())).isEqualTo(old.get("id").asText());
    assertThat(flow.network().updaterState()).isNotNull();
    assertThat(flow.network().getIterationCount()).isEqualTo(20);

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(flow.network(), out);
    RealNVP again = RealNVP.of(ModelStore.read(new ByteArrayInputStream(out.toByteArray())));
    assertThat(again.network().getLayerWiseConfigurations())
        .isEqualTo(flow.network().getLayerWiseConfigurations());
    // The noise follows from the thread's generator.
    Nd4j.getRandom().setSeed(1);
    flow.network().fit(batch(1, flow));
    Nd4j.getRandom().setSeed(1);
    again.network().fit(batch(1, again));
    assertThat(again.network().params().equalsWithEps(flow.network().params(), 1e-6)).isTrue();
  }

  private static INDArray rows(JsonNode json, String name) {
    return Nd4j.createFromArray(JSON.convertValue(json.get(name), float[][].class));
  }

  private static InputStream resource(String name) {
    return SavedModelTest.class.getResourceAsStream("/golden/" + name);
  }
}
