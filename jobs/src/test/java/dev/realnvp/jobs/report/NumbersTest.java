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
  @CsvSource({
    "0.95108, 0.01113, 0.951 \u00b1 0.011",
    "0.99898, 0.00024, 0.99898 \u00b1 0.00024",
    "-69463.2, 33371, -69000 \u00b1 33000",
    "5.3, 0, 5.3",
    "12, 0.999, 12.0 \u00b1 1.0"
  })
  void aFigureHasTheDigitsThatItsErrorLeaves(double value, double error, String text) {
    assertThat(Numbers.withError(value, error)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.98234, 98.2 %", "1, 100 %", "0.00012, 0.012 %", "0, 0 %", "0.999999, 100 %"})
  void aShareHasThreeDigits(double share, String text) {
    assertThat(Numbers.percent(share)).isEqualTo(text);
  }
}
