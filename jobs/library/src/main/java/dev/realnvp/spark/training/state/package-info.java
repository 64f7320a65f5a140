/** What a step changes in a network, on its way between workers and driver. */
package dev.realnvp.spark.training.state;
