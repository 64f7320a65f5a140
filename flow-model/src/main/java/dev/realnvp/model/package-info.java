/**
 * What the networks share outside their layers: the optimizer and its schedule, saving and loading,
 * and the manifest that travels with a saved model.
 *
 * <p>Must not import Spark, Hadoop or a model package ({@code flow}, {@code autoencoder}, {@code
 * classifier}).
 */
package dev.realnvp.model;
