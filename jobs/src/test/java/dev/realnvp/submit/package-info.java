/**
 * Tests of the launch scripts in {@code submit/} and of {@code conf/spark-env.sh}: each runs them
 * as processes. Imports neither Spark nor the models.
 */
package dev.realnvp.submit;
