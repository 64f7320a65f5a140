/**
 * Tables in text files, CSV and JSON lines: their columns and types, found in one reading of all
 * values, and what is malformed or ambiguous in them. Spark's own readers read the rows.
 */
package dev.realnvp.spark.text;
