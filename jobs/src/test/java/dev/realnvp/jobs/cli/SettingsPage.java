package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import dev.realnvp.settings.Setting;
import java.util.List;
import java.util.Map;

/** {@code docs/settings.md}, generated from {@code conf/pipeline.conf} and its comments. */
final class SettingsPage {

  private static final String HEAD =
      """
      # Settings

      Generated from [conf/pipeline.conf](../conf/pipeline.conf), which has the defaults. `--set KEY=VALUE` overrides one setting, `--conf-file FILE` several.
      The last column names the parameter of [Spark ML's stages](spark-ml.md) that a setting is.

      """;

  private static final String TABLE =
      "| setting | default | values | meaning | Spark ML |\n| --- | --- | --- | --- | --- |\n";

  private SettingsPage() {}

  static String render() {
    // With the run left as it is written there, so that the places say how they follow from it.
    Config defaults = Settings.load(null, List.of(), Map.of("run", "${run}"));
    ConfigObject root = ConfigFactory.parseResources("pipeline.conf").root();
    StringBuilder page = new StringBuilder(HEAD).append(TABLE);
    String[] before = {""};
    Setting.all()
        .forEach(
            (key, setting) -> {
              String section = key.contains(".") ? key.substring(0, key.indexOf('.')) : "";
              if (!section.equals(before[0])) {
                before[0] = section;
                String comment = Setting.comment(root.get(section));
                page.append(
                    "\n## %s\n\n%s".formatted(section, comment.isEmpty() ? "" : comment + "\n\n"));
                page.append(TABLE);
              }
              page.append(
                  "| `%s` | `%s` | %s | %s | %s |\n"
                      .formatted(
                          key,
                          Settings.shown(
                              (key.equals("run") ? Defaults.resolved() : defaults).getValue(key)),
                          setting.range().map(Range::expected).orElse(""),
                          setting.meaning().replace("|", "\\|"),
                          setting.parameter().map("`%s`"::formatted).orElse("")));
            });
    return page.toString();
  }
}
