package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Stage;
import dev.realnvp.engine.StageLayer;
import dev.realnvp.engine.StagedLayer;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.model.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Any {@link Transform} as a layer of DL4J, whose JSON has the transform's as a property. */
public final class FlowLayer extends BaseLayer implements StagedLayer, ParamInitializer {

  @JsonIgnore private final Transform transform;

  /** A layer that is not regularized. */
  public FlowLayer(Transform transform) {
    this.transform = transform;
    this.activationFn = new ActivationIdentity();
    this.regularization = new ArrayList<>();
    this.regularizationBias = new ArrayList<>();
  }

  @JsonCreator
  static FlowLayer of(@JsonProperty("transform") Map<String, Object> json) {
    return new FlowLayer(Json.readComplete(Json.tree(json).toString(), Transform.class));
  }

  @JsonProperty("transform")
  private Map<?, ?> json() {
    return Json.read(Json.tree(transform).toString(), Map.class, "");
  }

  /** What it computes. */
  public Transform transform() {
    return transform;
  }

  @Override
  public Stage stage() {
    return transform.stage();
  }

  private ParamLayout layout() {
    return transform.layout();
  }

  private FlowRowLayout rows() {
    return new FlowRowLayout(transform.features(), transform.context());
  }

  private FlowRowLayout rowsAfter() {
    return new FlowRowLayout(transform.featuresAfter(), transform.contextAfter());
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    return new InvertibleLayer(conf, dataType).set(listeners, index, paramsView, initializeParams);
  }

  @Override
  public ParamInitializer initializer() {
    return this;
  }

  @Override
  public IUpdater getUpdaterByParam(String name) {
    return layout().isTrained(name) ? getIUpdater() : new NoOp();
  }

  @Override
  public boolean isPretrainParam(String name) {
    return false;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(rowsAfter().width());
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // The transform has the sizes.
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType outputType = getOutputType(0, inputType);
    long params = layout().length();
    long updater = getIUpdater() == null ? 0 : getIUpdater().stateSize(params);
    return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, outputType)
        .standardMemory(params, updater)
        .workingMemory(0, 0, 0, rows().width())
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowLayer that
        && super.equals(other)
        && transform.equals(that.transform);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), transform);
  }

  // DL4J's view of the parameters. All trained ones count as weights, so that weights and biases
  // are regularized alike. The others count as neither.

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return layout().length();
  }

  @Override
  public long numParams(Layer layer) {
    return layout().length();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return layout().names();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return layout().trainedNames();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return layout().isTrained(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray flat, boolean initializeParams) {
    ParamLayout layout = layout();
    if (layout.length() == 0) {
      return new LinkedHashMap<>();
    }
    Map<String, INDArray> views = layout.views(flat);
    for (ParamLayout.Param param : layout.params()) {
      conf.addVariable(param.name());
      if (initializeParams) {
        param.init().fill(views.get(param.name()));
      }
    }
    return views;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray flat) {
    return layout().views(flat);
  }

  /**
   * A {@link FlowLayer}'s stage under DL4J. The gradient of the first layer's context is not
   * computed.
   */
  private static final class InvertibleLayer extends StageLayer<FlowLayer> {

    InvertibleLayer(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    protected void read(INDArray input, Batch to) {
      layerConf().rows().read(input, to);
    }

    @Override
    protected INDArray write(Batch from) {
      return layerConf()
          .rowsAfter()
          .write(
              from.values().array(),
              from.condition().array(),
              i -> from.logDet()[i],
              from.rows(),
              dataType);
    }

    /** For a stage, {@code -dLoss/dlogDet} is the row's weight. */
    @Override
    protected void readGradient(INDArray epsilon, Batch to) {
      FlowRowLayout layout = layerConf().rowsAfter();
      float[] gradient = layout.columns(epsilon);
      float[] weights = to.weigh();
      for (int i = 0; i < to.rows(); i++) {
        weights[i] = -gradient[gradient.length - to.rows() + i];
      }
      int x = layout.features() * to.rows();
      to.values(Floats.of(Arrays.copyOf(gradient, x)));
      to.condition(
          to.condition(), Floats.of(Arrays.copyOfRange(gradient, x, gradient.length - to.rows())));
    }

    @Override
    protected INDArray writeGradient(Batch from) {
      Floats given = from.conditionGradient();
      return layerConf()
          .rows()
          .write(
              from.values().array(),
              given == null ? null : given.array(),
              i -> -from.weight(i),
              from.rows(),
              dataType);
    }

    @Override
    public boolean updaterDivideByMinibatch(String name) {
      return layerConf().layout().isTrained(name);
    }
  }
}
