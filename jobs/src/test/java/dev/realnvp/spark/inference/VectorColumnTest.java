package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.failure.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import scala.collection.JavaConverters;

class VectorColumnTest {

  private static final VectorColumn TWO = new VectorColumn("v", "features", 2);

  @Test
  void aBatchIsOneMatrix() {
    assertThat(TWO.matrix(List.of(row(1f, 2f), row(3d, 4d), row(5f, null)), 0))
        .containsExactly(1, 2, 3, 4, 5, Float.NaN);
    assertThat(TWO.matrix(List.of(RowFactory.create((Object) null)), 0))
        .containsExactly(Float.NaN, Float.NaN);
  }

  @Test
  void aRowOfAnotherWidthIsRefused() {
    assertThatThrownBy(() -> TWO.matrix(List.of(row(1f, 2f), row(3f)), 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Column 'v' holds a row of 1 features; the model takes 2");
  }

  private static Row row(Object... values) {
    return RowFactory.create(
        JavaConverters.asScalaBufferConverter(Arrays.asList(values)).asScala());
  }
}
