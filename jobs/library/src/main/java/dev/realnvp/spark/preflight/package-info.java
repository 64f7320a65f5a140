/**
 * The checks before a job's work: software, native library, memory, serializer, inputs, outputs,
 * disks, on the driver and on each executor. {@link dev.realnvp.spark.preflight.Preflight} gathers
 * the facts; each check turns facts into {@link dev.realnvp.spark.preflight.Finding findings}.
 *
 * <p>Independent of the jobs and the settings.
 */
package dev.realnvp.spark.preflight;
