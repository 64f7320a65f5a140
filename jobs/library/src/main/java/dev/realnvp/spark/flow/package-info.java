/**
 * A flow on tables: how one is trained, and what a stored one says of itself. The one way to train
 * a flow, which the jobs and the Spark ML stages share; knows neither of them; settings come to it
 * checked.
 */
package dev.realnvp.spark.flow;
