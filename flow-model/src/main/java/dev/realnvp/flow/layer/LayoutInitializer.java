package dev.realnvp.flow.layer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's view of a {@link ParamLayout}. All trained parameters count as weights, so that weights
 * and biases are regularized alike. The others count as neither.
 */
final class LayoutInitializer implements ParamInitializer {

  static final LayoutInitializer INSTANCE = new LayoutInitializer();

  private LayoutInitializer() {}

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return layout(layer).length();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return layout(layer).names();
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return layout(layer).trainedNames();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return layout(layer).isTrained(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray flat, boolean initializeParams) {
    ParamLayout layout = layout(conf.getLayer());
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
    return layout(conf.getLayer()).views(flat);
  }

  private static ParamLayout layout(Layer layer) {
    return ((FlowLayer) layer).layout();
  }
}
