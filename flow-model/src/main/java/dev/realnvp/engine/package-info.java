/**
 * Networks on plain float arrays: the fast way through a DL4J network whose layers say, as {@link
 * dev.realnvp.engine.StagedLayer}, what their {@link dev.realnvp.engine.Stage} is.
 *
 * <p>A {@link dev.realnvp.engine.Program} is the stages of a network over one flat vector of
 * parameters; {@link dev.realnvp.engine.Learner} trains it. Images lie row by row, channels last; a
 * flow's rows lie column by column. Products go to OpenBLAS without a copy, everything else is
 * loops that the JVM vectorizes, and buffers are kept from step to step. The DL4J layers compute
 * the same and are what the stages are tested against.
 */
package dev.realnvp.engine;
