/**
 * The common parts of the networks outside their layers: the optimizer and its schedule, saving and
 * loading, and the manifest of a saved model.
 *
 * <p>Must not import Spark, Hadoop or a model package ({@code flow}, {@code autoencoder}, {@code
 * classifier}).
 */
package dev.realnvp.model;
