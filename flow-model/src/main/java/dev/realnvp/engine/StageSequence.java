package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.FlatArrays;
import dev.realnvp.engine.arrays.Floats;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * A network as stages, one per layer, over one flat vector of parameters: the trained ones, layer
 * by layer, then the others. For one thread at a time.
 */
public final class StageSequence {

  private final List<Stage> stages;
  private final Floats values;
  private final Floats gradients;

  /** The places of the parameters in the network's own flat vector. */
  private final Placement placement;

  private final int trained;

  /** The first stage that has trained parameters. */
  private final int firstTrained;

  private StageSequence(List<Stage> stages, List<Integer> offsets) {
    this.stages = List.copyOf(stages);
    trained = stages.stream().mapToInt(Stage::trainedCount).sum();
    firstTrained = (int) stages.stream().takeWhile(stage -> stage.trainedCount() == 0).count();
    int size = stages.stream().mapToInt(stage -> stage.layerIndices().length).sum();
    values = Floats.of(new float[size]);
    gradients = Floats.of(new float[trained]);
    int[] order = new int[size];
    int parameters = 0;
    int statistics = trained;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      stage.bind(values, gradients, parameters, statistics);
      int[] inLayer = stage.layerIndices();
      int trainedHere = stage.trainedCount();
      for (int j = 0; j < inLayer.length; j++) {
        int here = j < trainedHere ? parameters++ : statistics++;
        order[here] = offsets.get(i) + inLayer[j];
      }
    }
    placement = new Placement(order);
  }

  /**
   * The stages of a network, with the network's parameters.
   *
   * @return empty if a layer has no stage
   */
  public static Optional<StageSequence> of(MultiLayerNetwork network) {
    List<Stage> stages = new ArrayList<>();
    List<Integer> offsets = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < network.getnLayers(); i++) {
      if (!(staged(network.getLayer(i).conf().getLayer()) instanceof StagedLayer layer)) {
        return Optional.empty();
      }
      Stage stage = layer.stage();
      if (i > 0 && network.getLayer(i - 1).conf().getLayer() instanceof FeedForwardLayer before) {
        stage.width(Math.toIntExact(before.getNOut()));
      }
      stages.add(stage);
      offsets.add(offset);
      offset += Math.toIntExact(network.getLayer(i).numParams());
      InputPreProcessor before = network.getLayerWiseConfigurations().getInputPreProcess(i);
      if (before != null && !turn(before, stages)) {
        return Optional.empty();
      }
    }
    StageSequence sequence = new StageSequence(stages, offsets);
    sequence.load(FlatArrays.read(network.params(), 'c'));
    return Optional.of(sequence);
  }

  private static Object staged(Layer layer) {
    return layer instanceof LossLayer loss && !(layer instanceof StagedLayer)
        ? loss.getLossFn()
        : layer;
  }

  /**
   * Layers have images channels first, stages channels last. So after a change from images to
   * vectors, the next dense stage reorders its inputs, and before a change from vectors to images,
   * the last dense stage reorders its outputs. A loss takes any order.
   */
  private static boolean turn(InputPreProcessor before, List<Stage> stages) {
    Stage next = stages.get(stages.size() - 1);
    if (before instanceof CnnToFeedForwardPreProcessor flat) {
      if (next instanceof DenseStage dense) {
        dense.inputOrder(
            channelsLast(flat.getInputHeight(), flat.getInputWidth(), flat.getNumChannels()));
      }
      next.width(
          Math.toIntExact(flat.getInputHeight() * flat.getInputWidth() * flat.getNumChannels()));
      return true;
    }
    if (before instanceof FeedForwardToCnnPreProcessor image
        && stages.size() > 1
        && stages.get(stages.size() - 2) instanceof DenseStage dense) {
      dense.outputOrder(
          channelsLast(image.getInputHeight(), image.getInputWidth(), image.getNumChannels()));
      return true;
    }
    return false;
  }

  /** The index in {@code [C, H, W]} of each element of {@code [H, W, C]}. */
  private static int[] channelsLast(long height, long width, long channels) {
    int plane = Math.toIntExact(height * width);
    int[] order = new int[Math.toIntExact(plane * channels)];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) (i % channels) * plane + (int) (i / channels);
    }
    return order;
  }

  /** Reads the network's flat vector of parameters. Subnormal ones become 0. */
  public void load(float[] network) {
    placement.gather(network, values.array());
    Elementwise.flush(values.array(), 0, values.array().length);
  }

  /** Writes the network's flat vector of parameters. */
  public void store(float[] network) {
    placement.scatter(values.array(), network);
  }

  /** The stages, one per layer. */
  public List<Stage> stages() {
    return stages;
  }

  /** Runs all stages forward: the batch then has the last one's values and losses. */
  public void forward(Batch batch, boolean training) {
    forward(batch, training, 0, stages.size());
  }

  /** Runs some stages forward, outside of training; the first of them reads the batch's inputs. */
  public void forward(Batch batch, int from, int to) {
    forward(batch, false, from, to);
  }

  /**
   * Runs all stages forward and backward, outside of training: the batch then has the gradient of
   * each row's loss with respect to its inputs.
   */
  public void inputGradients(Batch batch) {
    forward(batch, false);
    for (int i = stages.size() - 1; i >= 0; i--) {
      stages.get(i).backward(batch, true);
    }
  }

  /**
   * Runs a flow's stages from base to data, all but the loss; the last of them reads the inputs,
   * and that of the discrete features the latents.
   */
  public void inverse(Batch batch) {
    List<InvertibleStage> transforms =
        stages.subList(0, stages.size() - 1).stream().map(InvertibleStage.class::cast).toList();
    batch.conditionOnContext();
    transforms.forEach(stage -> stage.condition(batch));
    for (int i = transforms.size() - 1; i >= 0; i--) {
      transforms.get(i).inverse(batch);
    }
  }

  private void forward(Batch batch, boolean training, int from, int to) {
    for (Stage stage : stages.subList(from, to)) {
      stage.forward(batch, training);
    }
  }

  /**
   * Runs the stages backward, after {@link #forward} in training, down to the first with trained
   * parameters. Then {@link #gradients} has the gradients of the sum of the losses.
   */
  void backward(Batch batch) {
    for (int i = stages.size() - 1; i >= firstTrained; i--) {
      stages.get(i).backward(batch, i > firstTrained);
    }
  }

  float[] values() {
    return values.array();
  }

  float[] gradients() {
    return gradients.array();
  }

  /** The number of trained parameters, which come first. */
  int trainedCount() {
    return trained;
  }

  /** The place of parameter i in the network's own flat vector. */
  int inNetwork(int i) {
    return placement.there(i);
  }
}
