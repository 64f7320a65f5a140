/**
 * The meaning of scores: their distribution over held-out rows, how strange a row is, and how well
 * scores distinguish anomalies. Plain arrays on one machine; independent of Spark and the jobs.
 */
package dev.realnvp.scores;
