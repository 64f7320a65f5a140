/**
 * Convolution and dense layers for DL4J networks, whose formulas stand in their stages; DL4J's own
 * layers of this kind are several times slower. Shared by the autoencoder and the classifier.
 *
 * <p>Must not import Spark, Hadoop, or a package that builds networks out of these layers.
 */
package dev.realnvp.convolution;
