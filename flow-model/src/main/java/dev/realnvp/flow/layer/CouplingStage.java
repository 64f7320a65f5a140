package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.arrays.Features;
import dev.realnvp.engine.arrays.Floats;
import java.util.List;

/**
 * What the stages of all {@link Coupling}s share: the features that are kept and changed, and the
 * networks. Rows are stored column by column, so the M changed features are gathered by complete
 * columns into arrays without gaps, for flat loops.
 */
abstract class CouplingStage extends Kernel {

  private final int features;
  private final int context;
  private final int[] kept;
  private final int[] transformed;
  private final List<Conditioner.Stages> networks;

  private final Floats in = new Floats();
  private final Floats rows = new Floats();

  CouplingStage(Coupling layer) {
    super(layer);
    features = layer.features();
    context = layer.context();
    kept = layer.identityFeatures();
    transformed = layer.transformedFeatures();
    networks = layer.conditioners().stream().map(Conditioner.Stages::new).toList();
  }

  /** The indices of the M changed features. */
  final int[] transformed() {
    return transformed;
  }

  /** How many networks there are. */
  final int networks() {
    return networks.size();
  }

  /** The networks' outputs, {@code [N, out]} each, in buffers that the next call overwrites. */
  final List<Floats> outputs(Batch batch) {
    int count = batch.rows();
    float[] inputs = in.ensureCapacity((long) count * (kept.length + context));
    Features.gather(batch.values().array(), kept, inputs, count);
    System.arraycopy(batch.condition().array(), 0, inputs, kept.length * count, context * count);
    int at = firstTrained();
    for (Conditioner.Stages network : networks) {
      at = network.bind(values(), gradients(), at);
    }
    return networks.stream().map(network -> network.forward(in, count)).toList();
  }

  /** Replaces the changed features of the batch's values, in a copy. */
  final void leave(Floats result, Batch batch) {
    int size = batch.rows() * features;
    System.arraycopy(batch.values().array(), 0, rows.ensureCapacity(size), 0, size);
    Features.scatter(result.array(), rows.array(), transformed, batch.rows());
    batch.values(rows);
  }

  /**
   * Writes a network's gradients, and adds those of the kept features, and of what it is given, to
   * the batch's.
   *
   * @param dOut {@code dLoss/doutput}, {@code [N, out]}; overwritten
   * @param needsInputGradient whether those of the kept features are needed
   */
  final void backward(int network, Floats dOut, Batch batch, boolean needsInputGradient) {
    Floats given = batch.conditionGradient();
    int ofKept = needsInputGradient || given != null ? kept.length : 0;
    int ofGiven = given != null ? context : 0;
    Floats dIn = networks.get(network).backward(dOut, batch.rows(), ofKept + ofGiven);
    if (needsInputGradient) {
      Features.add(dIn.array(), batch.values().array(), kept, batch.rows());
    }
    if (given != null) {
      float[] sums = given.array();
      float[] terms = dIn.array();
      int from = ofKept * batch.rows();
      for (int i = 0; i < ofGiven * batch.rows(); i++) {
        sums[i] += terms[from + i];
      }
    }
  }
}
