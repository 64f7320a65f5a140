package dev.realnvp.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in headless Chromium, where there is one on the PATH. */
class BrowserTest {

  /**
   * Holds the page in a frame of a screen's width, and says what became of it: the width that it
   * takes, and how many pictures and charts have a size.
   */
  private static final String AROUND =
      """
      <!DOCTYPE html>
      <html><body><pre id="found"></pre>
      <iframe id="screen" style="border:0" width="%d" height="800" srcdoc="%s"></iframe>
      <script>
        onload = () => {
          const page = document.getElementById('screen').contentDocument;
          const seen = [...page.querySelectorAll('figure > svg, figure div > svg')]
            .filter(chart => chart.getBoundingClientRect().height > 100).length;
          document.getElementById('found').textContent =
            'width ' + page.documentElement.scrollWidth + ' charts ' + seen
            + ' ink ' + page.defaultView.getComputedStyle(page.body).color
            + ' paper ' + page.defaultView.getComputedStyle(page.body).backgroundColor + '.';
        };
      </script></body></html>
      """;

  private static final Pattern FOUND =
      Pattern.compile("width (\\d+) charts (\\d+) ink rgb\\((\\d+).* paper rgb\\((\\d+).*\\)\\.");

  private static Path browser;

  @TempDir private Path folder;

  @BeforeAll
  static void find() {
    Optional<Path> found =
        Arrays.stream(System.getenv("PATH").split(":"))
            .flatMap(
                place ->
                    List.of("chromium", "chromium-browser", "google-chrome").stream()
                        .map(name -> Path.of(place, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), "there is no Chromium on the PATH");
    browser = found.get();
  }

  private String run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    return out;
  }

  @ParameterizedTest
  @CsvSource({"390, 1", "390, 0", "1200, 1"})
  void fitsTheScreenInLightAndDark(int width, int colours) throws Exception {
    String page = Page.of(PageTest.everything("a-word-that-is-longer-than-any-screen-".repeat(9)));
    Path around = folder.resolve("around.html");
    Files.writeString(
        around, AROUND.formatted(width, page.replace("&", "&amp;").replace("\"", "&quot;")));

    String dom =
        run(
            "--blink-settings=preferredColorScheme=" + colours,
            "--dump-dom",
            around.toUri().toString());

    var found = FOUND.matcher(dom);
    assertThat(found.find()).as(dom).isTrue();
    assertThat(Integer.parseInt(found.group(1))).isEqualTo(width);
    assertThat(Integer.parseInt(found.group(2))).isEqualTo(7);
    int ink = Integer.parseInt(found.group(3));
    int paper = Integer.parseInt(found.group(4));
    assertThat(colours == 1 ? paper - ink : ink - paper).isGreaterThan(150);
  }
}
