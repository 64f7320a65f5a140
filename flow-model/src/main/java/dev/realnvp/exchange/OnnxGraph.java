package dev.realnvp.exchange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx;
import org.nd4j.shade.protobuf.ByteString;

/** An ONNX graph in the making. Values are known by their names, which it chooses. */
final class OnnxGraph {

  /** Of 2020: whatever reads ONNX today reads these. */
  private static final int IR_VERSION = 7;

  private static final int OPSET = 13;

  private static final int FLOAT = Onnx.TensorProto.DataType.FLOAT_VALUE;

  private final Onnx.GraphProto.Builder graph = Onnx.GraphProto.newBuilder().setName("flow");
  private int names;

  /** An input of floats, {@code [N, width]}. */
  String input(String name, int width) {
    graph.addInput(value(name, dimension("N"), dimension(width)));
    return name;
  }

  /**
   * Makes a value an output of floats, {@code [N, sizes...]}.
   *
   * @param from the value
   */
  void output(String name, String from, int... sizes) {
    graph.addNode(Onnx.NodeProto.newBuilder().setOpType("Identity").addInput(from).addOutput(name));
    Onnx.TensorShapeProto.Dimension[] dimensions =
        IntStream.range(0, sizes.length + 1)
            .mapToObj(i -> i == 0 ? dimension("N") : dimension(sizes[i - 1]))
            .toArray(Onnx.TensorShapeProto.Dimension[]::new);
    graph.addOutput(value(name, dimensions));
  }

  private static Onnx.TensorShapeProto.Dimension dimension(String name) {
    return Onnx.TensorShapeProto.Dimension.newBuilder().setDimParam(name).build();
  }

  private static Onnx.TensorShapeProto.Dimension dimension(int size) {
    return Onnx.TensorShapeProto.Dimension.newBuilder().setDimValue(size).build();
  }

  private static Onnx.ValueInfoProto value(
      String name, Onnx.TensorShapeProto.Dimension... dimensions) {
    return Onnx.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            Onnx.TypeProto.newBuilder()
                .setTensorType(
                    Onnx.TypeProto.Tensor.newBuilder()
                        .setElemType(FLOAT)
                        .setShape(
                            Onnx.TensorShapeProto.newBuilder().addAllDim(List.of(dimensions)))))
        .build();
  }

  /** Constant floats, row-major. */
  String constant(float[] values, int... shape) {
    ByteBuffer bytes = bytes(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    return constant(FLOAT, bytes, shape);
  }

  /** A constant number. */
  String constant(double value) {
    return constant(new float[] {(float) value}, new int[0]);
  }

  /** A constant vector of whole numbers. */
  String longs(long... values) {
    ByteBuffer bytes = bytes(Long.BYTES * values.length);
    bytes.asLongBuffer().put(values);
    return constant(Onnx.TensorProto.DataType.INT64_VALUE, bytes, values.length);
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String constant(int type, ByteBuffer bytes, int... shape) {
    String name = name("c");
    graph.addInitializer(
        Onnx.TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .addAllDims(IntStream.of(shape).asLongStream().boxed().toList())
            .setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  /** The value of an operator. */
  String node(String operator, String... inputs) {
    return node(operator, List.of(), inputs);
  }

  /** The value of an operator with attributes. */
  String node(String operator, List<Onnx.AttributeProto> attributes, String... inputs) {
    String name = name("v");
    graph.addNode(
        Onnx.NodeProto.newBuilder()
            .setName(name)
            .setOpType(operator)
            .addAllAttribute(attributes)
            .addAllInput(List.of(inputs))
            .addOutput(name));
    return name;
  }

  /** An attribute that is a whole number. */
  static Onnx.AttributeProto attribute(String name, long value) {
    return Onnx.AttributeProto.newBuilder()
        .setName(name)
        .setType(Onnx.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  /** An attribute that is a list of them. */
  static Onnx.AttributeProto attributes(String name, long... values) {
    return Onnx.AttributeProto.newBuilder()
        .setName(name)
        .setType(Onnx.AttributeProto.AttributeType.INTS)
        .addAllInts(LongStream.of(values).boxed().toList())
        .build();
  }

  private String name(String kind) {
    return kind + names++;
  }

  /**
   * The file.
   *
   * @param description what it says of itself
   * @param manifest as a property of this name
   */
  byte[] toBytes(String description, String manifest) {
    return Onnx.ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("realnvp-spark")
        .setDocString(description)
        .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .addMetadataProps(
            Onnx.StringStringEntryProto.newBuilder().setKey("manifest").setValue(manifest))
        .setGraph(graph)
        .build()
        .toByteArray();
  }
}
