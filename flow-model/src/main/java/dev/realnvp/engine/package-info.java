/**
 * Networks on plain float arrays. Each layer of a DL4J network says, as {@link
 * dev.realnvp.engine.StagedLayer}, what its {@link dev.realnvp.engine.Stage} is, where its formulas
 * stand.
 *
 * <p>A {@link dev.realnvp.engine.Program} is the stages of a network over one flat vector of
 * parameters; {@link dev.realnvp.engine.Learner} trains it; a {@link dev.realnvp.engine.StageLayer}
 * runs a stage under DL4J. Images lie row by row, channels last; a flow's rows lie column by
 * column. Products go to OpenBLAS without a copy, everything else is loops that the JVM vectorizes,
 * and buffers are kept from step to step.
 */
package dev.realnvp.engine;
