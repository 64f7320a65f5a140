/**
 * Which failures may pass, so that the same command is worth trying again: those that say so, as
 * {@link dev.realnvp.spark.failure.Retryable}, and those of file systems and networks.
 *
 * <p>Knows nothing of what fails.
 */
package dev.realnvp.spark.failure;
