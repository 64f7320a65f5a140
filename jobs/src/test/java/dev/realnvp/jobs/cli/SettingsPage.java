package dev.realnvp.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.realnvp.settings.Defaults;
import dev.realnvp.settings.Range;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code docs/settings.md}, generated from {@code conf/pipeline.conf} and its comments. A setting
 * without a comment has the meaning of the first setting with the same name, else of the setting
 * before it, else of its section.
 */
final class SettingsPage {

  private static final String HEAD =
      """
      # Settings

      Generated from [conf/pipeline.conf](../conf/pipeline.conf), which has the defaults. `--set KEY=VALUE` overrides one setting, `--conf-file FILE` several.

      """;

  private static final String TABLE =
      "| setting | default | values | meaning |\n| --- | --- | --- | --- |\n";

  /** With the run left as it is written there, so that the places say how they follow from it. */
  private final Config defaults = Settings.load(null, List.of(), Map.of("run", "${run}"));

  private final Map<String, String> meanings = new HashMap<>();
  private final StringBuilder page = new StringBuilder(HEAD);

  private SettingsPage() {}

  static String render() {
    SettingsPage page = new SettingsPage();
    ConfigObject root = ConfigFactory.parseResources("pipeline.conf").root();
    page.table("", "", root);
    for (String section : inOrder(root)) {
      if (root.get(section) instanceof ConfigObject settings) {
        String comment = comment(settings);
        page.page.append(
            "\n## %s\n\n%s".formatted(section, comment.isEmpty() ? "" : comment + "\n\n"));
        page.table(section + ".", comment, settings);
      }
    }
    return page.page.toString();
  }

  private void table(String prefix, String sectionsMeaning, ConfigObject settings) {
    page.append(TABLE);
    String before = sectionsMeaning;
    for (String name : inOrder(settings)) {
      if (!(settings.get(name) instanceof ConfigObject)) {
        String own = comment(settings.get(name));
        before = own.isEmpty() ? meanings.getOrDefault(name, before) : own;
        meanings.putIfAbsent(name, before);
        page.append(
            "| `%s` | `%s` | %s | %s |\n"
                .formatted(
                    prefix + name,
                    standard(prefix + name),
                    Range.of(prefix + name).map(Range::expected).orElse(""),
                    before.replace("|", "\\|")));
      }
    }
  }

  private String standard(String key) {
    return Settings.shown(
        key.equals("run") ? Defaults.resolved().getValue(key) : defaults.getValue(key));
  }

  /** The names, in the file's order. */
  private static List<String> inOrder(ConfigObject settings) {
    return settings.keySet().stream()
        .sorted(Comparator.comparing(name -> settings.get(name).origin().lineNumber()))
        .toList();
  }

  private static String comment(ConfigValue value) {
    return String.join(" ", value.origin().comments().stream().map(String::strip).toList());
  }
}
