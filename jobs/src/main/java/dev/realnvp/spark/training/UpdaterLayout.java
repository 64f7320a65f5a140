package dev.realnvp.spark.training;

import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;

/**
 * Where each parameter's state stands in the updater's array. DL4J joins neighbouring parameters
 * whose updaters are {@code equals} into one block, and lays out the state block by block (Adam:
 * all first moments of a block, then all second ones).
 */
final class UpdaterLayout {

  private record Block(int parametersFrom, int parametersTo, int stateFrom, int stateTo) {}

  private UpdaterLayout() {}

  /**
   * Checks that a network which an executor makes out of the JSON lays out its state in the same
   * way. A schedule without {@code equals} breaks that, since in a new network each layer shares
   * one instance with the others and after JSON has its own.
   *
   * @throws IllegalArgumentException if it does not
   */
  static void requireStable(MultiLayerNetwork network) {
    MultiLayerNetwork copy =
        new MultiLayerNetwork(
            MultiLayerConfiguration.fromJson(network.getLayerWiseConfigurations().toJson()));
    copy.init();
    List<Block> here = blocks(network);
    List<Block> there = blocks(copy);
    if (!here.equals(there)) {
      throw new IllegalArgumentException(
          "The updater's state has another layout after a round trip through JSON: got %s, expected %s; does its schedule implement equals?"
              .formatted(there, here));
    }
  }

  private static List<Block> blocks(MultiLayerNetwork network) {
    return ((BaseMultiLayerUpdater<?>) network.getUpdater())
        .getUpdaterBlocks().stream()
            .map(
                block ->
                    new Block(
                        block.getParamOffsetStart(),
                        block.getParamOffsetEnd(),
                        block.getUpdaterViewOffsetStart(),
                        block.getUpdaterViewOffsetEnd()))
            .toList();
  }
}
