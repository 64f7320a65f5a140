/** How single features are distributed: monotone curves of numbers, levels of what is discrete. */
package dev.realnvp.flow.column;
