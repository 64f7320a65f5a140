package dev.realnvp.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** Reads report pages, and checks what every one of them is. */
public final class ReportPages {

  private ReportPages() {}

  /** Reads a page as XML, which is stricter than HTML. */
  public static Document parse(String page) throws Exception {
    assertThat(page).startsWith("<!DOCTYPE html>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
  }

  /** The texts of the nodes that an XPath finds. */
  public static List<String> texts(Document page, String path) throws Exception {
    NodeList nodes =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, page, XPathConstants.NODESET);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  /**
   * Compares lines with a file of {@code src/test/resources}, which {@code -Ddocs.update=true}
   * writes anew, to be read.
   */
  static void assertApproved(String name, List<String> lines) throws IOException {
    Path file = Path.of("src/test/resources", name);
    if (Boolean.getBoolean("docs.update")) {
      Files.write(file, lines);
    }
    assertThat(lines).isEqualTo(Files.readAllLines(file));
  }

  /** Nothing is fetched or run, and nothing is told by pictures alone. */
  public static void assertSelfContained(Document page) throws Exception {
    assertThat(texts(page, "//script | //link | //iframe | //object | //embed | //base")).isEmpty();
    assertThat(texts(page, "//@*[starts-with(name(), 'on')]")).isEmpty();
    assertThat(texts(page, "//@src")).allMatch(src -> src.startsWith("data:image/png;base64,"));
    assertThat(texts(page, "//@href | //@srcset | //@action | //@background")).isEmpty();
    assertThat(texts(page, "//style | //@style"))
        .noneMatch(css -> css.contains("url(") || css.contains("@import"));
    assertThat(texts(page, "//img[not(@alt) or @alt = '']")).isEmpty();
    assertThat(texts(page, "//svg[not(@aria-label) and not(@aria-hidden)]")).isEmpty();
    assertThat(texts(page, "//h1")).hasSize(1);
    assertThat(texts(page, "/html/@lang")).containsExactly("en");
    assertThat(texts(page, "//meta[@name = 'viewport']/@content"))
        .containsExactly("width=device-width, initial-scale=1");
    // In a browser, not a number draws nothing, without a word.
    assertThat(texts(page, "//@d | //@x | //@y | //@style"))
        .noneMatch(number -> number.contains("NaN") || number.contains("Infinity"));
  }
}
