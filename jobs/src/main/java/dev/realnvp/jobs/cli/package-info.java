/**
 * What the jobs have in common towards the user: options, settings, exit codes, progress. Knows no
 * job.
 */
package dev.realnvp.jobs.cli;
