package dev.realnvp.jobs;

import static dev.realnvp.jobs.PetsRun.FEATURES;
import static dev.realnvp.jobs.PetsRun.rows;
import static dev.realnvp.jobs.PetsRun.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RowNoise;
import dev.realnvp.spark.inference.FlowSampler;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.LabelNames;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Samples: how many of which class, the same however they are made, at a temperature. */
@ExtendWith(SharedRuns.class)
class SampleTest {

  private final PetsRun run;

  SampleTest(PetsRun run) {
    this.run = run;
  }

  @Test
  void countsSayHowManyOfWhichClass() throws IOException {
    List<Row> rows = run.sample("counted", "sample.counts=dog=3, 2=2");
    assertThat(rows.stream().map(row -> row.<Long>getAs("id"))).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(rows.stream().map(row -> row.<String>getAs("label_name")))
        .containsExactly("dog", "dog", "dog", "fox", "fox");
  }

  @Test
  void aClassesSamplesAreTheSameWhateverThePartitionsAndTheOtherCounts() {
    SampleCounts[] counts = {SampleCounts.of(40, 40, 40), SampleCounts.of(3, 0, 90)};
    List<Row> all = rows(sampler(1, 224).sample(run.spark(), counts[0], 2));
    for (int partitions : new int[] {1, 3, 7}) {
      List<Row> again = rows(sampler(1, 5).sample(run.spark(), counts[0], partitions));
      for (int i = 0; i < 120; i++) {
        assertSame(again.get(i), all.get(i));
      }
      List<Row> others = rows(sampler(1, 11).sample(run.spark(), counts[1], partitions));
      for (int i = 0; i < 3; i++) {
        assertSame(others.get(i), all.get(i));
      }
      for (int i = 0; i < 40; i++) {
        assertSame(others.get(3 + i), all.get(80 + i));
      }
    }
  }

  @Test
  void theTemperatureScalesTheNoiseAndNotTheDensity() {
    RealNVP flow = RealNVP.of(run.model().network());
    List<Row> rows = rows(sampler(0.5, 100).sample(run.spark(), SampleCounts.same(20, 3), 2));
    int[] labels = rows.stream().mapToInt(row -> row.<Integer>getAs("label")).toArray();
    float[] z = new float[60 * FEATURES];
    for (int i = 0; i < 60; i++) {
      System.arraycopy(values(rows.get(i)), 0, z, i * FEATURES, FEATURES);
    }
    long[] indices = LongStream.range(0, 60).map(id -> id % 20).toArray();
    float[] noise = RowNoise.draw(42, labels, indices, FEATURES);
    double[] logProb = new double[60];
    FlowEngine program = FlowEngine.of(flow);
    program.logProb(z, new Context.Classes(labels, 3), logProb);
    z = program.toLatent(z, new Context.Classes(labels, 3), 60);
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < FEATURES; j++) {
        int at = i * FEATURES + j;
        assertThat(z[at]).isCloseTo(0.5f * noise[at], within(1e-4f));
      }
      assertThat(rows.get(i).<Double>getAs("log_prob")).isCloseTo(logProb[i], within(1e-3));
    }
  }

  @Test
  void aClassIsNamedInAnyUnicodeForm() {
    Config config = run.settings("sample.counts=cafe\u0301=3");
    assertThat(SampleSize.of(config, 2, new LabelNames(List.of("bar", "caf\u00e9"))).count(1))
        .isEqualTo(3);
  }

  private FlowSampler sampler(double temperature, int batch) {
    return new FlowSampler(
        SharedModel.broadcast(run.spark(), run.model().network()), null, 3, 42, temperature, batch);
  }

  private static void assertSame(Row row, Row expected) {
    assertThat(row.<Integer>getAs("label")).isEqualTo(expected.<Integer>getAs("label"));
    assertThat(values(row)).containsExactly(values(expected), within(1e-4f));
    assertThat(row.<Double>getAs("log_prob"))
        .isCloseTo(expected.<Double>getAs("log_prob"), within(1e-4));
  }
}
