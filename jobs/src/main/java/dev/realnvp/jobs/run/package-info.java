/**
 * What the jobs read and write: the places of a run, the request for its table, rows to train on or
 * to score, manifests, outputs. Knows no job.
 */
package dev.realnvp.jobs.run;
