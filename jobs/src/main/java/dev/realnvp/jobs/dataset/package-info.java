/**
 * Data sets to start with: MNIST and Fashion-MNIST, found on this machine, downloaded and checked,
 * or taken from a Debian package. The only package that uses the network.
 */
package dev.realnvp.jobs.dataset;
