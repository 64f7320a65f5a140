/**
 * The transforms as DL4J layers: configurations that are public, with a package-private
 * implementation beside each. DL4J's layer API is met here and nowhere else in the flow; no Spark,
 * and nothing of the autoencoder or the classifier.
 */
package dev.realnvp.flow.layer;
