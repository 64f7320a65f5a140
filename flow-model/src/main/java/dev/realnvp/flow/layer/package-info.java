/**
 * The transforms: configurations of DL4J layers that are public, with a package-private stage
 * beside each, where its formulas stand, and which {@code InvertibleLayer} runs under DL4J. DL4J's
 * layer API is met here and nowhere else in the flow; no Spark, and nothing of the autoencoder or
 * the classifier.
 */
package dev.realnvp.flow.layer;
