/**
 * Data-parallel training by parameter averaging: any DL4J {@code MultiLayerNetwork}, over rows that
 * lie on the executors as {@link dev.realnvp.spark.training.rows.Shard shards}, one a worker.
 *
 * <p>In a round every worker starts from the same parameters and updater state, fits its next k
 * minibatches and sends back what it got; the driver takes the mean, weighted by examples. The
 * method is that of McDonald, Hall and Mann, <em>Distributed Training Strategies for the Structured
 * Perceptron</em> (2010), section 4.2 (iterative parameter mixing).
 *
 * <p>Knows nothing of what the rows are: it must not import {@code dev.realnvp.flow}, {@code
 * dev.realnvp.images.autoencoder}, {@code dev.realnvp.images.classifier}, {@code
 * dev.realnvp.spark.shards} or {@code dev.realnvp.jobs}.
 */
package dev.realnvp.spark.training;
