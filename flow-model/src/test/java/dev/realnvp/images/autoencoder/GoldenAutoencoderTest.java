package dev.realnvp.images.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequenceGradients;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The autoencoder against PyTorch's, for the weights of golden-autoencoder/make_golden.py. */
class GoldenAutoencoderTest {

  /** PyTorch's name of each parameter, by DL4J's. */
  private static final Map<String, String> NAMES =
      Map.of(
          "0_W", "0.weight",
          "1_W", "2.weight",
          "2_W", "5.weight",
          "2_b", "5.bias",
          "3_W", "6.weight",
          "3_b", "6.bias",
          "4_W", "9.weight",
          "4_b", "9.bias",
          "5_W", "11.weight",
          "5_b", "11.bias");

  private static JsonNode golden;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in =
        GoldenAutoencoderTest.class.getResourceAsStream("/golden-autoencoder/golden.json")) {
      golden = new ObjectMapper().readTree(in);
    }
  }

  /** On the floats that jobs train and encode with. */
  @Test
  void codesReconstructionsAndLossAreTorchs() {
    Autoencoder program = autoencoder();
    INDArray images = tensor(golden.get("images"));
    int count = (int) images.size(0);
    float[] pixels = channelsLast(images);

    double[] losses = new double[count];
    float[] codes = program.encode(pixels, losses);
    float[] decoded = program.decode(codes, count);

    assertClose(Nd4j.createFromArray(codes), golden.get("codes"), 1e-6);
    assertThat(Arrays.stream(losses).average().orElseThrow())
        .isCloseTo(golden.get("loss").asDouble(), within(1e-6));
    assertThat(decoded)
        .containsExactly(channelsLast(tensor(golden.get("reconstructions"))), within(1e-6f));
  }

  @Test
  void gradientsAreTorchs() {
    MultiLayerNetwork network = autoencoder().network();
    INDArray images = tensor(golden.get("images"));
    int count = (int) images.size(0);
    Batch batch = new Batch().rows(count);
    float[] pixels = channelsLast(images);
    System.arraycopy(pixels, 0, batch.inputs().ensureCapacity(pixels.length), 0, pixels.length);

    MultiLayerNetwork gradients = network.clone();
    gradients.setParams(
        Nd4j.createFromArray(StageSequenceGradients.of(network, batch)).reshape(1, -1));

    NAMES.keySet().forEach(name -> assertGradient(name, gradients.getParam(name), count, 1e-7));
  }

  private static float[] channelsLast(INDArray images) {
    return images.castTo(DataType.FLOAT).permute(0, 2, 3, 1).dup('c').data().asFloat();
  }

  /** Torch's are those of the mean over the images. */
  private static void assertGradient(String name, INDArray sum, long count, double tolerance) {
    INDArray gradient = sum.div(count);
    assertClose(
        name.equals("2_W") || name.equals("3_W") ? gradient.transpose() : gradient,
        golden.get("gradients").get(NAMES.get(name)),
        tolerance);
  }

  @Test
  void thereIsNoParameterThatTorchHasNot() {
    assertThat(autoencoder().network().paramTable().keySet()).isEqualTo(NAMES.keySet());
  }

  private static Autoencoder autoencoder() {
    Autoencoder autoencoder =
        Autoencoder.create(
            new AutoencoderConfig(new ImageShape(9, 6, 2), List.of(3, 4), 5, 0),
            new Optimizer(1e-3, Schedule.CONSTANT, 1, 0));
    NAMES.forEach(
        (name, torch) -> {
          INDArray values = tensor(golden.get("parameters").get(torch));
          INDArray parameter = autoencoder.network().getParam(name);
          boolean dense = name.equals("2_W") || name.equals("3_W");
          parameter.assign(
              (dense ? values.transpose() : values)
                  .reshape(parameter.shape())
                  .castTo(DataType.FLOAT));
        });
    return autoencoder;
  }

  private static void assertClose(INDArray got, JsonNode expected, double tolerance) {
    INDArray values = tensor(expected);
    INDArray shaped = got.castTo(DataType.DOUBLE).dup('c').reshape('c', values.shape());
    assertThat(shaped.sub(values).amaxNumber().doubleValue()).isLessThan(tolerance);
  }

  private static INDArray tensor(JsonNode node) {
    ObjectMapper mapper = new ObjectMapper();
    long[] shape = mapper.convertValue(node.get("shape"), long[].class);
    double[] values = mapper.convertValue(node.get("values"), double[].class);
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
