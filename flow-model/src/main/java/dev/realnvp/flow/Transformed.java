package dev.realnvp.flow;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link Transform} returns.
 *
 * @param outputs the transformed rows, {@code [N, D]}
 * @param logAbsDetJacobian {@code log |det d outputs / d inputs|} of each row, in nats, {@code [N]}
 */
public record Transformed(INDArray outputs, INDArray logAbsDetJacobian) {}
