package dev.realnvp.spark.images;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Pictures of many small images of one size, in rows and columns. Without title and labels it needs
 * no fonts, which small containers lack.
 *
 * @param height H, an image's rows
 * @param width W, an image's pixels per row
 * @param channels 1 grey, 3 red-green-blue
 * @param scale the size of each pixel in pixels of the picture, horizontally and vertically
 * @param title above the picture; empty for none
 * @param rowLabels to the left of each row; empty for none
 * @param rows in each row, images of bytes {@code [H, W, C]}; rows may differ in length
 */
public record ImageGrid(
    int height,
    int width,
    int channels,
    int scale,
    String title,
    List<String> rowLabels,
    List<List<byte[]>> rows) {
  private static final int GAP = 3;
  private static final int TEXT_MARGIN = 6;
  private static final Color BACKGROUND = Color.WHITE;
  private static final Color INK = new Color(0x333333);
  private static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);

  /**
   * @throws IllegalArgumentException if a size is not positive, there are no images, an image has
   *     another number of bytes, or there are labels for some rows only
   */
  public ImageGrid {
    if (height < 1 || width < 1 || scale < 1 || channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "Cannot draw images of %d x %d x %d at scale %d: sizes are positive, channels 1 or 3"
              .formatted(height, width, channels, scale));
    }
    rowLabels = List.copyOf(rowLabels);
    rows = rows.stream().map(List::copyOf).toList();
    if (rows.stream().allMatch(List::isEmpty)) {
      throw new IllegalArgumentException("Cannot draw a grid of no images");
    }
    if (!rowLabels.isEmpty() && rowLabels.size() != rows.size()) {
      throw new IllegalArgumentException(
          "Cannot put %d labels to %d rows: expected one per row, or none"
              .formatted(rowLabels.size(), rows.size()));
    }
    for (List<byte[]> row : rows) {
      for (byte[] image : row) {
        if (image.length != height * width * channels) {
          throw new IllegalArgumentException(
              "Cannot draw an image of %d bytes as %d x %d x %d"
                  .formatted(image.length, height, width, channels));
        }
      }
    }
  }

  /**
   * Writes the picture as PNG.
   *
   * @param out stays open
   */
  public void writePng(OutputStream out) throws IOException {
    ImageIO.write(draw(), "png", out);
  }

  /** Draws the picture. */
  public BufferedImage draw() {
    int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
    int left = labelWidth() + GAP;
    int top = titleHeight() + GAP;
    int cellWidth = width * scale + GAP;
    int cellHeight = height * scale + GAP;
    int pictureWidth = Math.max(left + columns * cellWidth, titleWidth());
    BufferedImage picture =
        new BufferedImage(pictureWidth, top + rows.size() * cellHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    try {
      graphics.setColor(BACKGROUND);
      graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(INK);
      if (!title.isEmpty()) {
        graphics.setFont(TITLE);
        graphics.drawString(
            title, TEXT_MARGIN, TEXT_MARGIN + graphics.getFontMetrics().getAscent());
      }
      if (!rowLabels.isEmpty()) {
        graphics.setFont(LABEL);
      }
      for (int r = 0; r < rows.size(); r++) {
        int y = top + r * cellHeight;
        if (!rowLabels.isEmpty()) {
          drawLabel(graphics, rowLabels.get(r), left - GAP, y + height * scale / 2);
        }
        List<byte[]> row = rows.get(r);
        for (int c = 0; c < row.size(); c++) {
          drawImage(picture, row.get(c), left + c * cellWidth, y);
        }
      }
    } finally {
      graphics.dispose();
    }
    return picture;
  }

  private static void drawLabel(Graphics2D graphics, String label, int right, int middle) {
    FontMetrics metrics = graphics.getFontMetrics();
    graphics.drawString(
        label,
        right - TEXT_MARGIN - metrics.stringWidth(label),
        middle + (metrics.getAscent() - metrics.getDescent()) / 2);
  }

  private void drawImage(BufferedImage picture, byte[] image, int left, int top) {
    int[] block = new int[scale * scale];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        Arrays.fill(block, colour(image, (y * width + x) * channels));
        picture.setRGB(left + x * scale, top + y * scale, scale, scale, block, 0, scale);
      }
    }
  }

  private int colour(byte[] image, int at) {
    int red = image[at] & 0xff;
    int green = channels == 3 ? image[at + 1] & 0xff : red;
    int blue = channels == 3 ? image[at + 2] & 0xff : red;
    return red << 16 | green << 8 | blue;
  }

  // A grid without text needs no fonts, which not every machine has.
  private int labelWidth() {
    if (rowLabels.isEmpty()) {
      return 0;
    }
    FontMetrics metrics = metrics(LABEL);
    return rowLabels.stream()
        .mapToInt(label -> metrics.stringWidth(label) + 2 * TEXT_MARGIN)
        .max()
        .orElseThrow();
  }

  private int titleWidth() {
    return title.isEmpty() ? 0 : metrics(TITLE).stringWidth(title) + 2 * TEXT_MARGIN;
  }

  private int titleHeight() {
    return title.isEmpty() ? 0 : metrics(TITLE).getHeight() + TEXT_MARGIN;
  }

  private static FontMetrics metrics(Font font) {
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      return graphics.getFontMetrics(font);
    } finally {
      graphics.dispose();
    }
  }
}
