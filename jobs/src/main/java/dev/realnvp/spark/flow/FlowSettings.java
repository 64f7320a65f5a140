package dev.realnvp.spark.flow;

import dev.realnvp.spark.training.TrainingPlan;

/**
 * How to make a flow of a table.
 *
 * @param structure what it is made of
 * @param context C, how many values at the end of a row's vector the density is conditioned on,
 *     rather than of; 0 for a flow that is conditioned on classes, or on nothing
 * @param plan how it is trained; its seed is that of the initial weights too
 * @param validation the share of the train split to hold out and validate on, at least 0 and below
 *     1; 0 to validate on the test split
 * @param inferenceBatch rows that a task scores at once, for the calibration
 */
public record FlowSettings(
    FlowStructure structure,
    int context,
    TrainingPlan plan,
    double validation,
    int inferenceBatch) {}
