/**
 * Damaged inputs, in bulk: every {@link dev.realnvp.damage.InputKind} is made, damaged in some way,
 * and read by the project's own reader, which has to refuse it in one clear line or to give what is
 * right.
 */
package dev.realnvp.damage;
