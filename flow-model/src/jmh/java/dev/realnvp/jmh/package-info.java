/** JMH benchmarks of the kernels and of a training step; CONTRIBUTING.md has the command. */
package dev.realnvp.jmh;
