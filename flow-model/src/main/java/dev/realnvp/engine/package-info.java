/**
 * Networks on plain float arrays. Each layer of a DL4J network is a {@link
 * dev.realnvp.engine.StagedLayer}, which creates its {@link dev.realnvp.engine.Stage} with the
 * formulas.
 *
 * <p>A {@link dev.realnvp.engine.StageSequence} is the stages of a network over one flat vector of
 * parameters; {@link dev.realnvp.engine.Learner} trains it; a {@link dev.realnvp.engine.StageLayer}
 * runs a stage under DL4J. Images are stored row by row, channels last; the rows of a flow column
 * by column. Products go to OpenBLAS without a copy, everything else is loops that the JVM
 * vectorizes, and buffers are reused.
 */
package dev.realnvp.engine;
