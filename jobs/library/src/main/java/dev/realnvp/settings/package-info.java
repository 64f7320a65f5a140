/** The settings' defaults and ranges, for the jobs and the Spark ML stages. */
package dev.realnvp.settings;
