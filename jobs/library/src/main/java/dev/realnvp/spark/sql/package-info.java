/**
 * Stored flows as functions of Spark SQL: {@link dev.realnvp.spark.sql.RealNVPExtensions} declares
 * them. A function is a plain one of rows, which Spark can apply anywhere; where it can be, a rule
 * of the optimizer has it applied to batches.
 */
package dev.realnvp.spark.sql;
