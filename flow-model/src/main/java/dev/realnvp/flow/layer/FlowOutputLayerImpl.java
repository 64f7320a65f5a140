package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StageLayer;
import dev.realnvp.engine.arrays.FlatArrays;
import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Runs {@link FlowOutputLayer}'s stage under DL4J, as its output layer. Calls that need a
 * classifier fail with a clear message.
 */
final class FlowOutputLayerImpl extends AbstractLayer<FlowOutputLayer> implements IOutputLayer {

  private final transient Stage stage = layerConf().stage();
  private final transient Batch batch = new Batch();
  private transient INDArray labels;
  private double score;

  FlowOutputLayerImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** {@code log p(x)}, {@code [N, 1]}. */
  private INDArray logProb(boolean training) {
    batch.rows(Math.toIntExact(input.size(0)));
    layerConf().rows().read(input, batch);
    stage.forward(batch, training);
    float[] logProb = new float[batch.rows()];
    for (int i = 0; i < logProb.length; i++) {
      logProb[i] = (float) -batch.losses()[i];
    }
    return FlatArrays.array(logProb, dataType, 'c', logProb.length, 1);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    return StageLayer.within(workspaces, ArrayType.ACTIVATIONS, () -> logProb(training));
  }

  @Override
  public double computeScore(
      double regularization, boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    logProb(training);
    score = batch.meanLoss();
    return score;
  }

  @Override
  public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    return StageLayer.within(workspaces, ArrayType.ACTIVATIONS, () -> logProb(false).negi());
  }

  /**
   * The gradient of the weighted sum of {@code -log p}: with respect to z that of the stage, to the
   * context 0, to logDet minus the row's weight.
   */
  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    return new Pair<>(
        new DefaultGradient(),
        StageLayer.within(workspaces, ArrayType.ACTIVATION_GRAD, this::inputGradient));
  }

  private INDArray inputGradient() {
    logProb(true);
    stage.backward(batch, true);
    return layerConf()
        .rows()
        .write(batch.values().array(), null, row -> -batch.weight(row), batch.rows(), dataType);
  }

  @Override
  public double score() {
    return score;
  }

  @Override
  public boolean needsLabels() {
    return false;
  }

  @Override
  public void setLabels(INDArray labels) {
    this.labels = labels;
  }

  @Override
  public INDArray getLabels() {
    return labels;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {
    // There are no weights for weight noise.
  }

  @Override
  public void clear() {
    super.clear();
    labels = null;
  }

  @Override
  public double f1Score(DataSet data) {
    throw noClassifier();
  }

  @Override
  public double f1Score(INDArray examples, INDArray labels) {
    throw noClassifier();
  }

  @Override
  @Deprecated
  public int numLabels() {
    throw noClassifier();
  }

  @Override
  public void fit(DataSetIterator data) {
    throw noClassifier();
  }

  @Override
  public void fit(INDArray examples, INDArray labels) {
    throw noClassifier();
  }

  @Override
  public void fit(DataSet data) {
    throw noClassifier();
  }

  @Override
  public void fit(INDArray examples, int[] labels) {
    throw noClassifier();
  }

  @Override
  public int[] predict(INDArray examples) {
    throw noClassifier();
  }

  @Override
  public List<String> predict(DataSet data) {
    throw noClassifier();
  }

  private static UnsupportedOperationException noClassifier() {
    return new UnsupportedOperationException(
        "A flow's output layer is a density, no classifier; train its network instead");
  }
}
