/**
 * The flow itself: {@link dev.realnvp.flow.RealNVP}, the DL4J network that is trained and saved,
 * assembled from the layers of {@code dev.realnvp.flow.layer}; its densities and samples on plain
 * arrays, {@link dev.realnvp.flow.FlowEngine}; and results computed from them. Only {@code RealNVP}
 * knows DL4J; no Spark.
 */
package dev.realnvp.flow;
