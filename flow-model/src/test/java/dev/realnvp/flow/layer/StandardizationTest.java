package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Learner;
import dev.realnvp.flow.Networks;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.Transform;
import dev.realnvp.flow.TransformContractTest;
import dev.realnvp.flow.Transformed;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class StandardizationTest extends TransformContractTest {

  @Override
  protected Transform transform() {
    return (Transform) Networks.of(new Standardization(4, 3)).getLayer(0);
  }

  @Test
  void takesTheMeanAwayAndDividesByTheScale() {
    MultiLayerNetwork network = Networks.of(new Standardization(2, 0));
    network.setParam("0_mean", Nd4j.createFromArray(10.0, -1));
    network.setParam("0_scale", Nd4j.createFromArray(4, 0.5));
    Transform transform = (Transform) network.getLayer(0);
    Transformed z = transform.forward(Nd4j.createFromArray(new double[][] {{12, 0}}), null);
    assertThat(z.outputs().toDoubleVector()).containsExactly(0.5, 2);
    assertThat(z.logAbsDetJacobian().getDouble(0)).isCloseTo(-Math.log(2), within(1e-12));
  }

  /** Behind a layer that is trained, so that the gradient has to go through. */
  @Test
  void stagesGradientIsTheLayers() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(new Adam(0.01))
                .list()
                .layer(new LinearBatchNorm(2, 0))
                .layer(new Standardization(2, 0))
                .layer(new FlowOutputLayer(2, 0))
                .build());
    network.init();
    network.setParam("1_mean", Nd4j.createFromArray(0.5f, -1f));
    network.setParam("1_scale", Nd4j.createFromArray(2f, 0.25f));
    INDArray x = Networks.rows(3, 8, 2).castTo(DataType.FLOAT);
    Learner learner = Learner.of(network).orElseThrow();
    float[] parameters = network.params().dup().data().asFloat();
    float[] updater = new float[(int) network.getUpdater().getStateViewArray().length()];
    learner.load(parameters, updater, 0, 0);
    float[] columns = x.dup('f').data().asFloat();
    System.arraycopy(
        columns, 0, learner.batch().rows(8).inputs().atLeast(columns.length), 0, columns.length);

    learner.fit();
    learner.store(parameters, updater);
    network.fit(RealNVP.trainingBatch(x, null));

    assertThat(updater)
        .containsExactly(
            network.getUpdater().getStateViewArray().dup().data().asFloat(), within(1e-5f));
    assertThat(network.getParam("1_scale").toFloatVector()).containsExactly(2f, 0.25f);
    assertThat(parameters).containsExactly(network.params().dup().data().asFloat(), within(1e-6f));
  }
}
