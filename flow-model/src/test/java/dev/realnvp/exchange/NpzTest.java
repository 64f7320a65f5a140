package dev.realnvp.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpzTest {

  private static byte[] npy(NpyArray array) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    array.write(out);
    return out.toByteArray();
  }

  private static byte[] npz(Map<String, NpyArray> arrays) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npz.write(arrays, out);
    return out.toByteArray();
  }

  private static Map<String, NpyArray> unpack(byte[] npz) throws IOException {
    return Npz.read(new ByteArrayInputStream(npz), npz.length);
  }

  private static NpyArray read(byte[] npy) throws IOException {
    return NpyArray.read(new ByteArrayInputStream(npy), size -> {});
  }

  /** What {@code numpy.save} of NumPy 2.2 writes, with the header's spaces in between. */
  private static byte[] numpy(String dict, String elements) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex("934e554d505901007600"));
    out.writeBytes(
        (dict + " ".repeat(117 - dict.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(HexFormat.of().parseHex(elements));
    return out.toByteArray();
  }

  @Test
  void bytesAreThoseOfNumPy() throws IOException {
    assertThat(npy(NpyArray.of(new float[] {1, -2, 3.5f}, 1, 3)))
        .isEqualTo(
            numpy(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }",
                "0000803f000000c000006040"));
    assertThat(npy(NpyArray.of(new long[] {7, -1}, 2)))
        .isEqualTo(
            numpy(
                "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
                "0700000000000000ffffffffffffffff"));
  }

  @Property(tries = 100)
  void arraysComeBackBitForBit(
      @ForAll @IntRange(min = 0, max = 5) int rows,
      @ForAll @IntRange(min = 0, max = 70) int columns,
      @ForAll int bits,
      @ForAll String text)
      throws IOException {
    float[] values = new float[rows * columns];
    long[] whole = new long[columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(bits * (i + 1));
    }
    Arrays.setAll(whole, i -> (long) bits << i % 40);
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("0_W0", NpyArray.of(values, rows, columns));
    arrays.put("1_order", NpyArray.of(whole, columns));
    arrays.put("scalar", NpyArray.of(new long[] {bits}));
    String plain = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    arrays.put("config", NpyArray.ofText(plain));

    Map<String, NpyArray> read = unpack(npz(arrays));
    assertThat(read.keySet()).containsExactlyElementsOf(arrays.keySet());
    assertThat(read.get("0_W0").shape()).containsExactly(rows, columns);
    int[] got = bits(read.get("0_W0").floats());
    assertThat(got).isEqualTo(bits(values));
    assertThat(read.get("1_order").longs()).isEqualTo(whole);
    assertThat(read.get("scalar").shape()).isEmpty();
    assertThat(read.get("scalar").longs()).containsExactly(bits);
    assertThat(read.get("config").text()).isEqualTo(plain);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'descr': '<f8', 'fortran_order': False, 'shape': (1,)|type <f8, expected <f4, <i8",
        "'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)|Fortran order, expected C order",
        "'descr': '<f4', 'fortran_order': False, 'shape': (2,)|4 bytes of elements, expected 8",
        "'descr': '<f4', 'fortran_order': False|no shape in the header",
      },
      quoteCharacter = '"')
  void whatIsNoneOfTheThreeKindsIsNamed(String dict, String message) {
    assertThatThrownBy(() -> read(numpy("{" + dict + ", }", "0000803f")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  /** A zip file with one entry, of a header and then as many zeros as are asked for. */
  private static byte[] bomb(String shape, long zeros) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("0_W0.npy"));
      zip.write(numpy("{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }", ""));
      byte[] some = new byte[1 << 20];
      for (long written = 0; written < zeros; written += some.length) {
        zip.write(some);
      }
    }
    return out.toByteArray();
  }

  @Test
  void whatUnpacksToTooMuchIsRefusedByItsHeader() throws IOException {
    byte[] honest = bomb("25000000,", 100_000_000);
    assertThatThrownBy(() -> unpack(honest))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            ("array 0_W0: 100000000 bytes of elements, with which the file unpacks to more than"
                    + " the %d of %d packed bytes that are expected at most")
                .formatted((64 << 20) + 20L * honest.length, honest.length));
    assertThatThrownBy(() -> unpack(bomb("2000000000, 1000", 1)))
        .hasMessageContaining("8000000000000 bytes of elements");
    assertThatThrownBy(() -> unpack(bomb("100,", 20_000_000)))
        .hasMessage("array 0_W0: more than the 400 bytes of elements that shape [100] of <f4 has");
    assertThatThrownBy(() -> unpack(bomb("5000000000, 5000000000", 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyTornFileIsRefused() throws IOException {
    byte[] whole =
        npz(
            Map.of(
                "a", NpyArray.of(new float[] {1, 2, 3}, 3),
                "b", NpyArray.ofText("some text that is longer than a few bytes")));
    for (int length = 0; length < whole.length; length++) {
      byte[] torn = Arrays.copyOf(whole, length);
      try {
        // A zip file ends with a list of its entries, which is not needed to read them.
        assertThat(unpack(torn)).as("%d bytes", length).isNotEmpty();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageMatching("damaged [.]npz file|no [.]npz file");
      }
    }
  }
}
