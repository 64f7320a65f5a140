/**
 * What is checked before a job works: software, native library, memory, serializer, inputs,
 * outputs, disks, on the driver and on each executor. {@link dev.realnvp.spark.preflight.Preflight}
 * gathers the facts; each check turns facts into {@link dev.realnvp.spark.preflight.Finding
 * findings}.
 *
 * <p>Knows neither the jobs nor the settings.
 */
package dev.realnvp.spark.preflight;
