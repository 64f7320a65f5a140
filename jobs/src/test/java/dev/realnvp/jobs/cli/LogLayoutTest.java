package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.properties.PropertiesConfigurationFactory;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

/** What Spark's log looks like on the console, by {@code conf/log4j2.properties}. */
class LogLayoutTest {

  private static final Layout<?> LAYOUT = layout();

  private static Layout<?> layout() {
    URI file = Repository.ROOT.resolve("conf/log4j2.properties").toUri();
    Configuration configuration =
        new PropertiesConfigurationFactory()
            .getConfiguration(new LoggerContext("test"), ConfigurationSource.fromUri(file));
    configuration.initialize();
    return configuration.getAppender("console").getLayout();
  }

  private static String shown(String message, Throwable thrown) {
    LogEvent event =
        Log4jLogEvent.newBuilder()
            .setLevel(Level.WARN)
            .setLoggerName("org.some.Part")
            .setMessage(new SimpleMessage(message))
            .setThrown(thrown)
            .build();
    return LAYOUT.toSerializable(event).toString().replaceFirst("^[\\d:]{8} ", "");
  }

  @Test
  void aMessageIsOneLine() {
    assertThat(shown("said", null)).isEqualTo("WARN Part: said\n");
    assertThat(shown("said\nat length", null)).isEqualTo("WARN Part: said\n");
    assertThat(shown("said", new IllegalStateException())).isEqualTo("WARN Part: said\n");
  }

  @Test
  void anExceptionIsItsMessageBelow() {
    assertThat(shown("said", new IllegalStateException("for a reason")))
        .isEqualTo("WARN Part: said\nfor a reason\n");
  }

  @Test
  void credentialsAreMaskedInBoth() {
    assertThat(shown("password=pa55", new IllegalStateException("at s3a://me:pa55@bucket")))
        .isEqualTo("WARN Part: password=***\nat s3a://***@bucket\n");
  }
}
