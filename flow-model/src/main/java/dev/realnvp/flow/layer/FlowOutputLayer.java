package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StageLayer;
import dev.realnvp.engine.StagedLayer;
import dev.realnvp.engine.arrays.FlatArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonIgnoreProperties;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The end of a flow and its loss: the negative log-likelihood under a standard normal base, in
 * nats, the mean over the batch:
 *
 * <pre>
 * log p(x) = -(|z|^2 + D log(2 pi)) / 2 + logDet
 * score = -mean log p(x)
 * </pre>
 *
 * <p>In training it may trim: suspected rows ({@link Batch#suspect}) that are far less likely than
 * the others of the minibatch do not count, {@code -log p(x) > Q3 + trim (Q3 - Q1)} with the
 * quartiles of -log p over the minibatch, and the others count for them, so that the sum of the
 * weights stays. What is learnt then is the density of most rows, and not that of a few others,
 * even of a cluster of them. It is the maximum trimmed likelihood (Hadi and Luceño 1997, Maximum
 * trimmed likelihood estimators, section 2) with the number of rows that are left out by a fence of
 * Tukey's (1977, Exploratory Data Analysis, chapter 2).
 *
 * <p>Its activation is {@code log p(x)}, {@code [N, 1]}. The score is only that mean, without a
 * regularization term. Labels are not read.
 */
@JsonIgnoreProperties({
  "activationFn",
  "biasInit",
  "biasUpdater",
  "gainInit",
  "iupdater",
  "lossFn",
  "nin",
  "nout",
  "regularization",
  "regularizationBias",
  "timeDistributedFormat",
  "weightInitFn",
  "weightNoise"
})
public final class FlowOutputLayer extends LossLayer implements StagedLayer {

  @JsonProperty private final int features;
  @JsonProperty private final int context;
  @JsonProperty private final double trim;

  /**
   * @param features D, at least 0
   * @param context C, at least 0
   * @param trim how many interquartile ranges beyond the quartile a row still counts; 0 if all rows
   *     count
   * @throws IllegalArgumentException if a value is out of its range
   */
  @JsonCreator
  public FlowOutputLayer(
      @JsonProperty("features") int features,
      @JsonProperty("context") int context,
      @JsonProperty("trim") double trim) {
    FlowRowLayout.requireSizes(features == 0 ? 1 : features, context);
    if (!(trim >= 0) || Double.isInfinite(trim)) {
      throw new IllegalArgumentException(
          "trim: got " + trim + ", expected a finite number of at least 0");
    }
    this.features = features;
    this.context = context;
    this.trim = trim;
    // As DL4J reads a layer without them as one of its former formats.
    activationFn = new ActivationIdentity();
    regularization = new ArrayList<>();
    regularizationBias = new ArrayList<>();
    iUpdater = new NoOp();
  }

  /** D, the number of features. */
  public int features() {
    return features;
  }

  /** C, the number of context values per row. */
  public int context() {
    return context;
  }

  @Override
  public Stage stage() {
    return new FlowOutputStage(this);
  }

  FlowRowLayout rows() {
    return new FlowRowLayout(features, context);
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    LogProbLayer layer = new LogProbLayer(conf, dataType);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamTable(Map.of());
    return layer;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowOutputLayer that
        && features == that.features
        && context == that.context
        && trim == that.trim;
  }

  @Override
  public int hashCode() {
    return Objects.hash(features, context, trim);
  }

  /** Runs the stage under DL4J, as a loss that reads no labels. */
  private static final class LogProbLayer extends org.deeplearning4j.nn.layers.LossLayer {

    private final transient FlowRowLayout rows = ((FlowOutputLayer) layerConf()).rows();
    private final transient Stage stage = ((FlowOutputLayer) layerConf()).stage();
    private final transient Batch batch = new Batch();

    LogProbLayer(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    /** {@code log p(x)}, {@code [N, 1]}. */
    private INDArray logProb(boolean training) {
      batch.rows(Math.toIntExact(input.size(0)));
      rows.read(input, batch);
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
     * The gradient of the weighted sum of {@code -log p}: with respect to z that of the stage, to
     * the context 0, to logDet minus the row's weight.
     */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(
        INDArray epsilon, LayerWorkspaceMgr workspaces) {
      assertInputSet(true);
      return new Pair<>(
          new DefaultGradient(),
          StageLayer.within(workspaces, ArrayType.ACTIVATION_GRAD, this::inputGradient));
    }

    private INDArray inputGradient() {
      logProb(true);
      stage.backward(batch, true);
      float[] z = batch.values().array();
      return rows.write(z, null, row -> -batch.weight(row), batch.rows(), dataType);
    }

    @Override
    public boolean needsLabels() {
      return false;
    }
  }

  /** {@link FlowOutputLayer} on plain arrays: the losses are {@code -log p(x)}, in nats. */
  private static final class FlowOutputStage extends Stage {

    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

    private final int features;
    private final double trim;

    FlowOutputStage(FlowOutputLayer layer) {
      features = layer.features();
      trim = layer.trim;
    }

    @Override
    public void forward(Batch batch, boolean training) {
      float[] z = batch.values().array();
      int rows = batch.rows();
      double[] losses = batch.losses();
      for (int i = 0; i < rows; i++) {
        losses[i] = features * LOG_TWO_PI / 2 - batch.logDet()[i];
      }
      for (int j = 0; j < features; j++) {
        for (int i = 0; i < rows; i++) {
          double value = z[j * rows + i];
          losses[i] += value * value / 2;
        }
      }
      if (training && trim > 0) {
        trim(batch);
      }
    }

    /** Where the middle half of the rows is equally likely, there is no scale: all rows count. */
    private void trim(Batch batch) {
      int rows = batch.rows();
      double[] sorted = Arrays.copyOf(batch.losses(), rows);
      Arrays.sort(sorted);
      double quartile = sorted[3 * (rows - 1) / 4];
      double range = quartile - sorted[(rows - 1) / 4];
      double fence = quartile + trim * range;
      if (range > 0 && sorted[rows - 1] > fence) {
        batch.keep(i -> !(batch.suspected(i) && batch.losses()[i] > fence));
      }
    }

    /** The gradient of {@code w |z|^2 / 2} is w z; for w = 1 the batch has it already. */
    @Override
    public void backward(Batch batch, boolean needsInputGradient) {
      if (!batch.weighted()) {
        return;
      }
      float[] z = batch.values().array();
      int rows = batch.rows();
      for (int j = 0; j < features; j++) {
        for (int i = 0; i < rows; i++) {
          z[j * rows + i] *= batch.weight(i);
        }
      }
    }
  }
}
