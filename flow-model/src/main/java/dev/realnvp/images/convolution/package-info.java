/**
 * Convolution and dense layers for DL4J networks. Their formulas are in their stages; DL4J's own
 * layers of this kind are several times slower. Used by the autoencoder and the classifier.
 *
 * <p>Must not import Spark, Hadoop, or a package that builds networks from these layers.
 */
package dev.realnvp.images.convolution;
