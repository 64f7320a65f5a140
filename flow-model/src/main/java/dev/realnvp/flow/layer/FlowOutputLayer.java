package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StagedLayer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonCreator;
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
public final class FlowOutputLayer extends Layer implements StagedLayer {

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
    FlowOutputLayerImpl layer = new FlowOutputLayerImpl(conf, dataType);
    layer.setListeners(listeners);
    layer.setIndex(index);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return EmptyParamInitializer.getInstance();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(1);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // The constructor gets the sizes.
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return null;
  }

  @Override
  public boolean isPretrainParam(String name) {
    return false;
  }

  @Override
  public GradientNormalization getGradientNormalization() {
    return GradientNormalization.None;
  }

  @Override
  public double getGradientNormalizationThreshold() {
    return 1;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType outputType = getOutputType(0, inputType);
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, outputType)
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, rows().width())
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowOutputLayer that
        && super.equals(other)
        && features == that.features
        && context == that.context
        && trim == that.trim;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), features, context, trim);
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
