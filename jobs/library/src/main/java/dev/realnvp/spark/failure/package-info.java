/**
 * Recognizes failures after which a retry of the same command may succeed: {@link
 * dev.realnvp.spark.failure.Retryable} errors, and those of file systems and networks.
 *
 * <p>Independent of what fails.
 */
package dev.realnvp.spark.failure;
