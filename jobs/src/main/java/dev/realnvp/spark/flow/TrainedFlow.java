package dev.realnvp.spark.flow;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.scores.Calibration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@link FlowTraining} has made.
 *
 * @param flow the flow, trained
 * @param facts what its manifest says of it, for its readers; see {@link FlowModel}
 * @param history the figures of each epoch
 * @param calibration how log p(x) is distributed over the rows that it was validated on, or else
 *     trained on; empty where no row has a finite density, or the calibration failed
 */
public record TrainedFlow(
    RealNVP flow,
    Map<String, Object> facts,
    List<EpochStats> history,
    Optional<Calibration> calibration) {}
