package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.realnvp.spark.data.ConfigurationException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CheckedTest {

  private static Config config(String text) {
    return ConfigFactory.parseString(text);
  }

  @Test
  void readsWhatIsInRange() {
    assertThat(Checked.positive(config("a = 1"), "a")).isEqualTo(1);
    assertThat(Checked.atLeast(0, config("a = 0"), "a")).isZero();
    assertThat(Checked.positiveReal(config("a = 1e-3"), "a")).isEqualTo(1e-3);
    assertThat(Checked.nonNegativeReal(config("a = 0"), "a")).isZero();
    assertThat(Checked.choice(TimeUnit.class, config("a = seconds"), "a"))
        .isEqualTo(TimeUnit.SECONDS);
  }

  @Test
  void refusesTheRestAndNamesTheKey() {
    refused(() -> Checked.positive(config("a.b = 0"), "a.b"), "a.b", "at least 1", "got 0");
    refused(() -> Checked.positive(config("a.b = 1.5"), "a.b"), "a.b", "whole number", "1.5");
    refused(() -> Checked.positive(config("a.b = 1e12"), "a.b"), "a.b", "whole number");
    refused(() -> Checked.positiveReal(config("a.b = 0"), "a.b"), "a.b", "above 0");
    refused(() -> Checked.nonNegativeReal(config("a.b = -1"), "a.b"), "a.b", "at least 0");
    refused(() -> Checked.fraction(config("a.b = 1.5"), "a.b"), "a.b", "at most 1", "1.5");
    refused(() -> Checked.fraction(config("a.b = 0"), "a.b"), "a.b", "above 0");
    refused(() -> Checked.share(config("a.b = 1"), "a.b"), "a.b", "below 1", "got 1");
    refused(() -> Checked.positives(config("a.b = []"), "a.b"), "a.b", "list", "[]");
    refused(() -> Checked.positives(config("a.b = [3, 0]"), "a.b"), "a.b", "[3,0]");
    refused(
        () -> Checked.choice(TimeUnit.class, config("a.b = soon"), "a.b"), "seconds", "\"soon\"");
  }

  private static void refused(ThrowingCallable read, String... parts) {
    assertThatThrownBy(read).isInstanceOf(ConfigurationException.class).message().contains(parts);
  }
}
