package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What every layer keeps to under DL4J, whose formulas are its stage's. */
class StageLayerContractTest {

  private static final String ALL = "dev.realnvp.engine.StageCases#all";
  private static final String LAYERS = "dev.realnvp.engine.StageCases#layers";
  private static final float TOLERANCE = 1e-6f;

  private static float[] floats(INDArray array) {
    return array.dup('c').reshape(array.length()).toFloatVector();
  }

  /** Loss, moments of Adam, and what is moved without a gradient. */
  @ParameterizedTest
  @MethodSource(ALL)
  void aStepOfFitIsTheLearners(StageCase given) {
    StageNetwork under = StageNetwork.of(given);
    MultiLayerNetwork network = under.network();
    if (network.getUpdater().getStateViewArray() == null) {
      assertThat(given.layer().stage().trainedCount()).isZero();
      return;
    }
    Learner learner = Learner.of(network).orElseThrow();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    float[] parameters = floats(network.params());
    learner.load(parameters, updater, 0, 0);
    under.fill(learner.batch());

    double loss = learner.fit();
    learner.store(parameters, updater);
    network.fit(under.data());

    assertThat(network.score()).isCloseTo(loss, within((double) TOLERANCE));
    float[] moments = floats(network.getUpdater().getStateViewArray());
    assertThat(moments).containsExactly(updater, within(TOLERANCE));
    MultiLayerNetwork expected = network.clone();
    expected.setParams(Nd4j.createFromArray(parameters).reshape(1, -1));
    int trained = given.layer().stage().trainedCount();
    int[] order = given.layer().stage().layerIndices();
    for (int i = trained; i < order.length; i++) {
      assertThat(floats(network.getLayer(under.index()).params())[order[i]])
          .isCloseTo(
              floats(expected.getLayer(under.index()).params())[order[i]], within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource(LAYERS)
  void outputsAreTheStages(StageCase given) {
    for (boolean training : new boolean[] {false, true}) {
      StageNetwork under = StageNetwork.of(given);
      Batch batch = given.batch(given.x(), false);
      INDArray input = under.input(batch);
      INDArray before = input.dup();
      INDArray parameters = under.network().params().dup();

      INDArray output = under.network().feedForwardToLayer(0, input, training).get(1);

      given.bound().stage().forward(batch, training);
      assertThat(floats(output)).containsExactly(floats(rows(under, batch)), within(TOLERANCE));
      assertThat(input).isEqualTo(before);
      assertThat(under.network().params()).isEqualTo(parameters);
    }
  }

  /** What a stage has left, as DL4J has it. */
  private static INDArray rows(StageNetwork under, Batch batch) {
    if (under.given().order() == Affine.Order.ROWS) {
      return under.array(batch.values().array(), under.given().out());
    }
    float[] logDet = new float[batch.rows()];
    for (int i = 0; i < logDet.length; i++) {
      logDet[i] = (float) batch.logDet()[i];
    }
    return under.rows(
        batch.values().array(), batch.condition().array(), under.given().contextAfter(), logDet);
  }

  /** Of whatever comes from behind; of a flow with another weight for each row. */
  @ParameterizedTest
  @MethodSource(LAYERS)
  void gradientsAreTheStages(StageCase given) {
    boolean flow = given.order() == Affine.Order.COLUMNS;
    StageNetwork under = StageNetwork.of(given);
    Bound bound = given.bound();
    Batch batch = given.batch(given.x(), flow);
    INDArray input = under.input(batch);
    bound.stage().forward(batch, true);
    float[] slopes = new float[given.rows() * given.outputs()];
    float[] minusWeights = new float[given.rows()];
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] = (float) Math.sin(i + 1);
    }
    for (int i = 0; i < minusWeights.length; i++) {
      minusWeights[i] = -batch.weight(i);
    }
    float[] ofCondition = new float[given.rows() * given.contextAfter()];
    Arrays.fill(ofCondition, 0.25f);
    batch.values(Floats.of(slopes.clone()));
    INDArray epsilon =
        flow
            ? under.rows(slopes, ofCondition, given.contextAfter(), minusWeights)
            : under.array(slopes, given.out());
    batch.condition(batch.condition(), Floats.of(ofCondition));
    bound.stage().backward(batch, true);

    Layer layer = under.network().getLayer(under.index());
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    layer.setInput(input, none);
    layer.activate(true, none);
    INDArray got = layer.backpropGradient(epsilon, none).getSecond();

    INDArray expected =
        flow
            ? under.rows(
                batch.values().array(), ofContext(batch, given), given.context(), minusWeights)
            : under.array(batch.values().array(), given.in());
    assertThat(floats(got)).containsExactly(floats(expected), within(TOLERANCE));
    float[] gradients = bound.gradients();
    float[] before = given.parameters();
    int[] order = bound.stage().layerIndices();
    for (int i = bound.stage().trainedCount(); i < order.length; i++) {
      gradients[order[i]] = before[order[i]] - bound.values()[i];
    }
    if (gradients.length > 0) {
      assertThat(floats(layer.getGradientsViewArray()))
          .containsExactly(gradients, within(TOLERANCE));
    }
  }

  private static float[] ofContext(Batch batch, StageCase given) {
    return batch.conditionGradient() == null
        ? new float[given.rows() * given.context()]
        : batch.conditionGradient().array();
  }

  @ParameterizedTest
  @MethodSource(LAYERS)
  void rowsOfAnotherShapeAreRefused(StageCase given) {
    StageNetwork under = StageNetwork.of(given);
    INDArray input = under.input(given.batch(given.x(), false));
    INDArray wide = Nd4j.concat(1, input, input);
    assertThatThrownBy(() -> under.network().feedForwardToLayer(0, wide, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Arrays.toString(wide.shape()))
        .hasMessageContaining("expected [N, " + input.size(1))
        .hasMessageNotContaining("\n");
  }

  /** Its class is among those that a model's file may name. */
  @ParameterizedTest
  @MethodSource(ALL)
  void comesBackFromAModelsFile(StageCase given) throws IOException {
    MultiLayerNetwork network = StageNetwork.of(given).network();
    DataSet data = StageNetwork.of(given).data();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(network, out);
    MultiLayerNetwork read = ModelStore.read(new ByteArrayInputStream(out.toByteArray()));
    assertThat(read.getLayerWiseConfigurations()).isEqualTo(network.getLayerWiseConfigurations());
    assertThat(read.output(data.getFeatures())).isEqualTo(network.output(data.getFeatures()));
    assertThat(read.score(data, true)).isEqualTo(network.score(data, true));
  }
}
