package dev.realnvp.spark.flow;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.EpochStats;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.Reference;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a {@link FlowTraining}.
 *
 * @param flow the flow, trained
 * @param facts about it for its manifest; see {@link FlowModel}
 * @param history the figures of each epoch
 * @param calibration the distribution of log p(x) over the validation rows, or else the training
 *     rows; empty if no row has a finite density, or the calibration failed
 * @param reference how the same rows are distributed, for comparisons; empty if that failed
 */
public record TrainedFlow(
    RealNVP flow,
    Map<String, Object> facts,
    List<EpochStats> history,
    Optional<Calibration> calibration,
    Optional<Reference> reference) {}
