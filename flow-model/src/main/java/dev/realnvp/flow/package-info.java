/**
 * The flow itself: the contract of an invertible {@link dev.realnvp.flow.Transform}, its
 * composition, the base distribution, and {@link dev.realnvp.flow.RealNVP}, which is assembled from
 * the layers of {@code dev.realnvp.flow.layer}. Of DL4J only {@code RealNVP} knows, for the network
 * that it wraps; no Spark.
 */
package dev.realnvp.flow;
