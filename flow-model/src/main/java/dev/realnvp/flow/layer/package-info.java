/**
 * The transforms: records of what is fixed, each with a private stage that has its formulas. {@code
 * FlowLayer} makes any of them a layer of DL4J. {@code FlowOutputLayer} is the end of a flow, where
 * log p(x) is computed. In the flow only this package uses DL4J's layer API. No Spark, and nothing
 * of the autoencoder or the classifier.
 */
package dev.realnvp.flow.layer;
