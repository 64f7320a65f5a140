/**
 * The transforms: public configurations of DL4J layers, each with a stage that is not public, has
 * its formulas, and that {@code FlowLayer.InvertibleLayer} runs under DL4J. In the flow only this
 * package uses DL4J's layer API. No Spark, and nothing of the autoencoder or the classifier.
 */
package dev.realnvp.flow.layer;
