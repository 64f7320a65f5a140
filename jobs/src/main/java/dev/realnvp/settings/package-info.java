/** The settings' defaults, for the jobs and the Spark ML stages. */
package dev.realnvp.settings;
