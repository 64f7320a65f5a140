package dev.realnvp.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0.0000085831, 8.6e-6",
    "-0.00099, -9.9e-4",
    "1e-5, 1e-5",
    "0.001, 0.001",
    "0.0813049, 0.081305",
    "0, 0",
    "34.90211, 34.902",
    "-60.5, -60.5",
    "123456, 123460",
    "12345678, 1.2e7",
    "2e7, 2e7"
  })
  void aFigureHasFiveDigitsOrAnExponent(double value, String text) {
    assertThat(Numbers.text(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.98234, 98.2 %", "1, 100 %", "0.00012, 0.012 %", "0, 0 %", "0.999999, 100 %"})
  void aShareHasThreeDigits(double share, String text) {
    assertThat(Numbers.percent(share)).isEqualTo(text);
  }
}
