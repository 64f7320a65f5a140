/** What a program uses to score rows with a trained flow. */
package dev.realnvp;
