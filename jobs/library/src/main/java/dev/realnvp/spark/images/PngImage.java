package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.commons.io.function.IOFunction;

/**
 * Decodes PNGs to bytes: grey to one channel, colour to three. Transparency is dropped, 16 bits are
 * cut to 8, and a palette counts as grey if all its colours are.
 *
 * @param layout its shape
 * @param pixels as the layout says
 */
record PngImage(ImageShape layout, byte[] pixels) {

  /** 4096 x 4096: a larger image does not fit into a task's memory when unpacked. */
  private static final long MOST_PIXELS = 1L << 24;

  private static final int SIGNATURE_BYTES = 8;
  private static final int TYPE_BYTES = 4;
  private static final String LAST = "IEND";

  /** Height and width, from the header alone. */
  record Size(int height, int width) {
    @Override
    public String toString() {
      return height + " x " + width;
    }
  }

  /**
   * Reads the header.
   *
   * @throws InvalidInputException if it is not a PNG
   */
  static Size size(String name, byte[] png) {
    return read(name, png, reader -> new Size(reader.getHeight(0), reader.getWidth(0)));
  }

  /**
   * Decodes the image.
   *
   * @throws InvalidInputException if it is not a PNG, damaged, or too large
   */
  static PngImage decode(String name, byte[] png) {
    return read(
        name,
        png,
        reader -> {
          long height = reader.getHeight(0);
          long width = reader.getWidth(0);
          checkChunks(png);
          if (height * width > MOST_PIXELS) {
            throw new IOException(
                "it has %d x %d pixels, expected at most %d".formatted(height, width, MOST_PIXELS));
          }
          return of(reader.read(0));
        });
  }

  private static <T> T read(String name, byte[] png, IOFunction<ImageReader, T> action) {
    if (png.length == 0) {
      throw new InvalidInputException(name + " is empty: expected a PNG");
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in, true, true);
      return action.apply(reader);
    } catch (IOException | RuntimeException e) {
      // The JDK's decoder also throws unchecked exceptions for damage.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String reason = cause.getMessage() == null ? "it is damaged" : cause.getMessage();
      throw new InvalidInputException("Cannot read " + name + " as PNG: " + reason, e);
    } finally {
      reader.dispose();
    }
  }

  private static PngImage of(BufferedImage image) {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      BufferedImage colours = palette.convertToIntDiscrete(image.getRaster(), false);
      return ofSamples(colours, isGrey(palette) ? 1 : 3);
    }
    return ofSamples(image, image.getColorModel().getNumColorComponents());
  }

  private static boolean isGrey(IndexColorModel palette) {
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
        return false;
      }
    }
    return true;
  }

  private static PngImage ofSamples(BufferedImage image, int channels) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int shift = image.getColorModel().getComponentSize(0) - 8;
    ImageShape layout = new ImageShape(image.getHeight(), image.getWidth(), channels);
    int[] samples = raster.getPixels(0, 0, layout.width(), layout.height(), (int[]) null);
    byte[] pixels = new byte[layout.size()];
    int at = 0;
    for (int pixel = 0; pixel < samples.length; pixel += bands) {
      for (int c = 0; c < channels; c++) {
        pixels[at++] = (byte) (samples[pixel + c] >> shift);
      }
    }
    return new PngImage(layout, pixels);
  }

  /**
   * Compares the checksums of all chunks, which the JDK's decoder ignores: a chunk is the length of
   * the data, type, data, and a checksum of both (ISO/IEC 15948, section 5). Bytes after the last
   * one are ignored.
   *
   * @throws IOException if one is wrong, or the end is missing
   */
  private static void checkChunks(byte[] png) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(png).position(Math.min(SIGNATURE_BYTES, png.length));
    while (left.remaining() >= Integer.BYTES) {
      int length = left.getInt();
      // Type and checksum follow.
      if (length < 0 || length > left.remaining() - TYPE_BYTES - Integer.BYTES) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(png, left.position(), TYPE_BYTES + length);
      String type = new String(png, left.position(), TYPE_BYTES, StandardCharsets.ISO_8859_1);
      left.position(left.position() + TYPE_BYTES + length);
      if (left.getInt() != (int) sum.getValue()) {
        throw new IOException("the check sum of its chunk " + type + " is wrong");
      }
      if (type.equals(LAST)) {
        return;
      }
    }
    throw new IOException("it is truncated or damaged: there is no chunk " + LAST);
  }
}
